// Sockets in general (GlobalPlatform TEE Sockets API 1.0.1, chapter 4).
#ifndef TEE_ISOCKET_H
#define TEE_ISOCKET_H

#include <tee_api_types.h>

#define TEE_ISOCKET_VERSION 0x01000000
#define TEE_ISOCKET_ERROR_PROTOCOL 0xF1007001
#define TEE_ISOCKET_ERROR_REMOTE_CLOSED 0xF1007002
#define TEE_ISOCKET_ERROR_TIMEOUT 0xF1007003
#define TEE_ISOCKET_ERROR_OUT_OF_RESOURCES 0xF1007004
#define TEE_ISOCKET_ERROR_LARGE_BUFFER 0xF1007005
#define TEE_ISOCKET_WARNING_PROTOCOL 0xF1007006
#define TEE_ISOCKET_ERROR_HOSTNAME 0xF1007007

/// An open socket.
typedef void *TEE_iSocketHandle;

/// The functions of a protocol. Timeouts in milliseconds, 0 for none at all, TEE_TIMEOUT_INFINITE for any; lengths in bytes, in and out.
typedef const struct TEE_iSocket_s {
    uint32_t TEE_iSocketVersion;
    uint8_t protocolID;
    TEE_Result (*open)(TEE_iSocketHandle *ctx, void *setup, uint32_t *protocolError);
    TEE_Result (*close)(TEE_iSocketHandle ctx);
    TEE_Result (*send)(TEE_iSocketHandle ctx, const void *buf, uint32_t *length, uint32_t timeout);
    TEE_Result (*recv)(TEE_iSocketHandle ctx, void *buf, uint32_t *length, uint32_t timeout);
    uint32_t (*error)(TEE_iSocketHandle ctx);
    TEE_Result (*ioctl)(TEE_iSocketHandle ctx, uint32_t commandCode, void *buf, uint32_t *length);
} TEE_iSocket;

#endif
