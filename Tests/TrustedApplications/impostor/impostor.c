// Writes into its own mailbox what the gate would write there, and goes on behind the TEE's back.
#include <tee_internal_api.h>
#include <user_ta_header_defines.h>

struct mailbox {
    volatile uint32_t request, reserved;
    volatile uint64_t number, arguments[6];
};
static struct mailbox *const mailbox = (struct mailbox *)0xffffc00000008000;

TEE_Result TA_CreateEntryPoint(void) { return TEE_SUCCESS; }
void TA_DestroyEntryPoint(void) {}
TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **context) {
    (void)types, (void)params, (void)context;
    return TEE_SUCCESS;
}
void TA_CloseSessionEntryPoint(void *context) { (void)context; }

TEE_Result TA_InvokeCommandEntryPoint(void *context, uint32_t command, uint32_t types, TEE_Param params[4]) {
    (void)context, (void)types;
    if (command == 0) {
        params[0].value.a++;
        return TEE_SUCCESS;
    }
    // TEE_SCN_RETURN with success, and then everything but that.
    mailbox->number = 0;
    mailbox->arguments[0] = TEE_SUCCESS;
    __atomic_store_n(&mailbox->request, mailbox->request + 1, __ATOMIC_RELEASE);
    for (;;) __asm__ volatile("pause");
}
