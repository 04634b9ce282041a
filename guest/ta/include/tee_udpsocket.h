// UDP sockets (GlobalPlatform TEE Sockets API 1.0.1, annexes A and B).
#ifndef TEE_UDPSOCKET_H
#define TEE_UDPSOCKET_H

#include <__tee_ipsocket.h>
#include <tee_isocket.h>

#define TEE_ISOCKET_PROTOCOLID_UDP 0x66
#define TEE_ISOCKET_UDP_WARNING_UNKNOWN_OUT_OF_BAND 0xF1020002
#define TEE_UDP_CHANGEADDR 0x66000001
#define TEE_UDP_CHANGEPORT 0x66000002

/// Where to connect to.
typedef struct TEE_udpSocket_Setup_s {
    TEE_ipSocket_ipVersion ipVersion;
    char *server_addr;
    uint16_t server_port;
} TEE_udpSocket_Setup;

#ifdef __cplusplus
extern "C" {
#endif
/// The functions of UDP.
extern TEE_iSocket *const TEE_udpSocket;
#ifdef __cplusplus
}
#endif

#endif
