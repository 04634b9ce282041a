// Sizes and offsets of the structures that programs and library share.
#include "client.h"

#define SIZE(type) printf(#type " %zu\n", sizeof(type))
#define FIELD(type, field) printf(#type "." #field " %zu\n", offsetof(type, field))

int main(void) {
    SIZE(TEEC_Context);
    FIELD(TEEC_Context, imp.reg_mem);
    FIELD(TEEC_Context, imp.memref_null);
    SIZE(TEEC_UUID);
    SIZE(TEEC_Session);
    FIELD(TEEC_Session, imp.session_id);
    SIZE(TEEC_SharedMemory);
    FIELD(TEEC_SharedMemory, flags);
    FIELD(TEEC_SharedMemory, imp.id);
    FIELD(TEEC_SharedMemory, imp.alloced_size);
    FIELD(TEEC_SharedMemory, imp.shadow_buffer);
    FIELD(TEEC_SharedMemory, imp.registered_fd);
    FIELD(TEEC_SharedMemory, imp.flags);
    SIZE(TEEC_Parameter);
    SIZE(TEEC_Operation);
    FIELD(TEEC_Operation, params);
    FIELD(TEEC_Operation, imp.session);
    return 0;
}
