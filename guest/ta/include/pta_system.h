// The pseudo application that stands for the TEE core: random entropy, keys, memory and modules of the calling application.
#ifndef PTA_SYSTEM_H
#define PTA_SYSTEM_H

#include <util.h>

#define PTA_SYSTEM_UUID \
    { 0x3a2f8978, 0x5dc0, 0x11e8, { 0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b, 0xbe, 0xbc } }

#define TA_DERIVED_KEY_MIN_SIZE 16
#define TA_DERIVED_KEY_MAX_SIZE 32
#define TA_DERIVED_EXTRA_DATA_MAX_SIZE 1024
#define PTA_SYSTEM_MAP_FLAG_SHAREABLE BIT32(0)
#define PTA_SYSTEM_MAP_FLAG_WRITEABLE BIT32(1)
#define PTA_SYSTEM_MAP_FLAG_EXECUTABLE BIT32(2)

/// memref[0] in: bytes for the random generator.
#define PTA_SYSTEM_ADD_RNG_ENTROPY 0
/// memref[0] in: more data; memref[1] out: a key of 16 to 32 bytes of this application on this device.
#define PTA_SYSTEM_DERIVE_TA_UNIQUE_KEY 1
/// value[0] in: size, flags; value[1] inout: address (high, low); value[2] in: padding before and after.
#define PTA_SYSTEM_MAP_ZI 2
/// value[0] in: size, 0; value[1] in: address (high, low).
#define PTA_SYSTEM_UNMAP 3
/// memref[0] in: UUID; value[1] out: handle, 0.
#define PTA_SYSTEM_OPEN_TA_BINARY 4
/// value[0] in: handle, 0.
#define PTA_SYSTEM_CLOSE_TA_BINARY 5
/// value[0] in: handle, flags; value[1] in: offset, size; value[2] inout: address; value[3] in: padding.
#define PTA_SYSTEM_MAP_TA_BINARY 6
/// value[0] in: handle, offset; memref[1] out.
#define PTA_SYSTEM_COPY_FROM_TA_BINARY 7
/// value[0] in: size, flags; value[1] in: address.
#define PTA_SYSTEM_SET_PROT 8
/// value[0] in: size, 0; value[1] in: old address; value[2] inout: new address; value[3] in: padding.
#define PTA_SYSTEM_REMAP 9
/// memref[0] in: UUID of a module; value[1] in: RTLD_* flags.
#define PTA_SYSTEM_DLOPEN 10
/// memref[0] in: UUID of a module or nil; memref[1] in: name with its final zero; value[2] out: address (high, low).
#define PTA_SYSTEM_DLSYM 11
/// memref[0] out: event log of the boot.
#define PTA_SYSTEM_GET_TPM_EVENT_LOG 12
/// memref[0] in: UUID of a plug-in; value[1] in: commands; memref[2] inout: data; value[3] out: length.
#define PTA_SYSTEM_SUPP_PLUGIN_INVOKE 13

#endif
