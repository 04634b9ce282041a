// TCP sockets (GlobalPlatform TEE Sockets API 1.0.1, annexes A and B).
#ifndef TEE_TCPSOCKET_H
#define TEE_TCPSOCKET_H

#include <__tee_ipsocket.h>
#include <tee_isocket.h>

#define TEE_ISOCKET_PROTOCOLID_TCP 0x65
#define TEE_ISOCKET_TCP_WARNING_UNKNOWN_OUT_OF_BAND 0xF1010002
// OP-TEE's: the sizes of buffers.
#define TEE_TCP_SET_RECVBUF 0x65f00000
#define TEE_TCP_SET_SENDBUF 0x65f00001

/// Where to connect to.
typedef struct TEE_tcpSocket_Setup_s {
    TEE_ipSocket_ipVersion ipVersion;
    char *server_addr;
    uint16_t server_port;
} TEE_tcpSocket_Setup;

#ifdef __cplusplus
extern "C" {
#endif
/// The functions of TCP.
extern TEE_iSocket *const TEE_tcpSocket;
#ifdef __cplusplus
}
#endif

#endif
