// What an application says of itself to the loader and to property queries, in OP-TEE's names.
#ifndef USER_TA_HEADER_H
#define USER_TA_HEADER_H

#include <tee_api_types.h>
#include <util.h>

#define TA_FLAG_USER_MODE 0
#define TA_FLAG_EXEC_DDR 0
#define TA_FLAG_REMAP_SUPPORT 0
/// All sessions share one instance.
#define TA_FLAG_SINGLE_INSTANCE (1 << 2)
/// A shared instance may have more than one session.
#define TA_FLAG_MULTI_SESSION (1 << 3)
/// A shared instance stays after its last session.
#define TA_FLAG_INSTANCE_KEEP_ALIVE (1 << 4)
#define TA_FLAG_SECURE_DATA_PATH (1 << 5)
/// The application may maintain caches.
#define TA_FLAG_CACHE_MAINTENANCE (1 << 7)
/// Pseudo applications only: sessions run at the same time.
#define TA_FLAG_CONCURRENT (1 << 8)
#define TA_FLAG_DEVICE_ENUM (1 << 9)
#define TA_FLAG_DEVICE_ENUM_SUPP (1 << 10)
#define TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT (1 << 11)
#define TA_FLAG_DEVICE_ENUM_TEE_STORAGE_PRIVATE (1 << 12)
/// A shared instance that panicked is not replaced.
#define TA_FLAG_INSTANCE_KEEP_CRASHED (1 << 13)
#define TA_FLAGS_MASK GENMASK_32(13, 0)

/// The start of the image, at its virtual address 0.
struct ta_head {
    TEE_UUID uuid;
    uint32_t stack_size;
    uint32_t flags;
    uint64_t depr_entry;
};

struct dl_phdr_info;

/// The modules of this address space, filled by the loader.
struct __elf_phdr_info {
    uint32_t reserved;
    uint16_t count;
    uint8_t reserved2;
    char zero;
    struct dl_phdr_info *dlpi;
};
extern struct __elf_phdr_info __elf_phdr_info;

#define TA_PROP_STR_SINGLE_INSTANCE "gpd.ta.singleInstance"
#define TA_PROP_STR_MULTI_SESSION "gpd.ta.multiSession"
#define TA_PROP_STR_KEEP_ALIVE "gpd.ta.instanceKeepAlive"
#define TA_PROP_STR_KEEP_CRASHED "gpd.ta.instanceKeepCrashed"
#define TA_PROP_STR_DATA_SIZE "gpd.ta.dataSize"
#define TA_PROP_STR_STACK_SIZE "gpd.ta.stackSize"
#define TA_PROP_STR_VERSION "gpd.ta.version"
#define TA_PROP_STR_DESCRIPTION "gpd.ta.description"
#define TA_PROP_STR_ENDIAN "gpd.ta.endian"
#define TA_PROP_STR_DOES_NOT_CLOSE_HANDLE_ON_CORRUPT_OBJECT "gpd.ta.doesNotCloseHandleOnCorruptObject"

/// Types of properties, which the core uses as well.
enum user_ta_prop_type {
    USER_TA_PROP_TYPE_BOOL,
    USER_TA_PROP_TYPE_U32,
    USER_TA_PROP_TYPE_UUID,
    USER_TA_PROP_TYPE_IDENTITY,
    USER_TA_PROP_TYPE_STRING,
    /// In TA_CURRENT_TA_EXT_PROPERTIES a text in base64.
    USER_TA_PROP_TYPE_BINARY_BLOCK,
    USER_TA_PROP_TYPE_U64,
    USER_TA_PROP_TYPE_INVALID
};

/// A property of the application.
struct user_ta_property {
    const char *name;
    enum user_ta_prop_type type;
    const void *value;
};
extern const struct user_ta_property ta_props[];
extern const size_t ta_num_props;

/// Parameters of the running command, for TEE_CheckMemoryAccessRights.
extern uint32_t ta_param_types;
extern TEE_Param ta_params[TEE_NUM_PARAMS];

int tahead_get_trace_level(void);

#endif
