// TCP and UDP (GlobalPlatform TEE Sockets API 1.0.1) through the pseudo application that has the normal world open them.
#include <pta_socket.h>
#include <string.h>
#include <tee_tcpsocket.h>
#include <tee_udpsocket.h>

#include "ta_runtime.h"

/// An open socket: the pseudo application's number of it, and the last error of its protocol.
struct socket {
    uint32_t number;
    uint32_t protocolID;
    uint32_t error;
};

static TEE_Result socket_invoke(uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS]) {
    static const TEE_UUID uuid = PTA_SOCKET_UUID;
    static TEE_TASessionHandle session;
    if (session == TEE_HANDLE_NULL) {
        TEE_Result result = TEE_OpenTASession(&uuid, TEE_TIMEOUT_INFINITE, 0, NULL, &session, NULL);
        if (result != TEE_SUCCESS) return result;
    }
    return TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, command, types, params, NULL);
}

static TEE_Result open(TEE_iSocketHandle *ctx, const TEE_tcpSocket_Setup *setup, uint32_t protocolID, uint32_t *protocolError) {
    require(ctx && setup && setup->server_addr && protocolError);
    *ctx = TEE_HANDLE_NULL;
    *protocolError = TEE_SUCCESS;
    struct socket *socket = TEE_Malloc(sizeof(*socket), TEE_MALLOC_FILL_ZERO);
    if (!socket) return TEE_ERROR_OUT_OF_MEMORY;
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = setup->ipVersion;
    params[0].value.b = setup->server_port;
    params[1].memref.buffer = setup->server_addr;
    params[1].memref.size = strlen(setup->server_addr) + 1;
    params[2].value.a = protocolID;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_VALUE_OUTPUT);
    TEE_Result result = socket_invoke(PTA_SOCKET_OPEN, types, params);
    if (result != TEE_SUCCESS) {
        *protocolError = result;
        TEE_Free(socket);
        return result;
    }
    *socket = (struct socket){params[3].value.a, protocolID, TEE_SUCCESS};
    *ctx = socket;
    return TEE_SUCCESS;
}

static TEE_Result open_tcp(TEE_iSocketHandle *ctx, void *setup, uint32_t *protocolError) { return open(ctx, setup, TEE_ISOCKET_PROTOCOLID_TCP, protocolError); }

static TEE_Result open_udp(TEE_iSocketHandle *ctx, void *setup, uint32_t *protocolError) {
    // The two kinds of set-up are alike.
    _Static_assert(sizeof(TEE_udpSocket_Setup) == sizeof(TEE_tcpSocket_Setup), "one function reads both");
    return open(ctx, setup, TEE_ISOCKET_PROTOCOLID_UDP, protocolError);
}

static TEE_Result close(TEE_iSocketHandle ctx) {
    struct socket *socket = ctx;
    if (!socket) return TEE_SUCCESS;
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = socket->number;
    TEE_Result result = socket_invoke(PTA_SOCKET_CLOSE, TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE), params);
    TEE_Free(socket);
    return result;
}

static TEE_Result send(TEE_iSocketHandle ctx, const void *buf, uint32_t *length, uint32_t timeout) {
    struct socket *socket = ctx;
    require(socket && length && (buf || !*length));
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = socket->number;
    params[0].value.b = timeout;
    params[1].memref.buffer = (void *)(uintptr_t)buf;
    params[1].memref.size = *length;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_NONE);
    socket->error = socket_invoke(PTA_SOCKET_SEND, types, params);
    *length = params[2].value.a;
    return socket->error;
}

static TEE_Result receive(TEE_iSocketHandle ctx, void *buf, uint32_t *length, uint32_t timeout) {
    struct socket *socket = ctx;
    require(socket && length && (buf || !*length));
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = socket->number;
    params[0].value.b = timeout;
    params[1].memref.buffer = buf;
    params[1].memref.size = *length;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
    socket->error = socket_invoke(PTA_SOCKET_RECV, types, params);
    *length = (uint32_t)params[1].memref.size;
    return socket->error;
}

static uint32_t last_error(TEE_iSocketHandle ctx) {
    require(ctx != TEE_HANDLE_NULL);
    return ((const struct socket *)ctx)->error;
}

static TEE_Result control(TEE_iSocketHandle ctx, uint32_t commandCode, void *buf, uint32_t *length) {
    struct socket *socket = ctx;
    require(socket && length && (buf || !*length));
    // Commands of protocol 0 are for all protocols, which may ignore them. Any other one that the socket does not know is a mistake.
    if (!(commandCode >> 24)) return TEE_SUCCESS;
    require(socket->protocolID == TEE_ISOCKET_PROTOCOLID_TCP ? commandCode == TEE_TCP_SET_RECVBUF || commandCode == TEE_TCP_SET_SENDBUF
                                                             : commandCode == TEE_UDP_CHANGEADDR || commandCode == TEE_UDP_CHANGEPORT);
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = socket->number;
    params[0].value.b = commandCode;
    params[1].memref.buffer = buf;
    params[1].memref.size = *length;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_INOUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
    TEE_Result result = socket_invoke(PTA_SOCKET_IOCTL, types, params);
    *length = (uint32_t)params[1].memref.size;
    return result;
}

static TEE_iSocket tcp = {TEE_ISOCKET_VERSION, TEE_ISOCKET_PROTOCOLID_TCP, open_tcp, close, send, receive, last_error, control};
static TEE_iSocket udp = {TEE_ISOCKET_VERSION, TEE_ISOCKET_PROTOCOLID_UDP, open_udp, close, send, receive, last_error, control};
TEE_iSocket *const TEE_tcpSocket = &tcp;
TEE_iSocket *const TEE_udpSocket = &udp;
