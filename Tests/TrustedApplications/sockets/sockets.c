#include "sockets.h"

#include <tee_tcpsocket.h>
#include <tee_udpsocket.h>

#include "../plain_session.h"

static TEE_iSocket *socket_of(const TEE_Param params[TEE_NUM_PARAMS]) { return params[0].value.b ? TEE_udpSocket : TEE_tcpSocket; }

static TEE_Result open_socket(TEE_iSocketHandle *handle, TEE_Param params[TEE_NUM_PARAMS]) {
    uint32_t protocolError;
    TEE_tcpSocket_Setup tcp = {TEE_IP_VERSION_DC, params[1].memref.buffer, (uint16_t)params[0].value.a};
    TEE_udpSocket_Setup udp = {TEE_IP_VERSION_DC, params[1].memref.buffer, (uint16_t)params[0].value.a};
    return socket_of(params)->open(handle, params[0].value.b ? (void *)&udp : (void *)&tcp, &protocolError);
}

static TEE_Result exchange(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_IN, MEMORY_OUT);
    TEE_iSocketHandle handle;
    uint32_t size = (uint32_t)params[2].memref.size;
    TEE_iSocket *socket = socket_of(params);
    TRY(open_socket(&handle, params));
    TEE_Result result = socket->send(handle, params[2].memref.buffer, &size, TEE_TIMEOUT_INFINITE);
    size = (uint32_t)params[3].memref.size;
    if (result == TEE_SUCCESS) result = socket->recv(handle, params[3].memref.buffer, &size, 60000);
    params[3].memref.size = size;
    TEE_Result closed = socket->close(handle);
    return result == TEE_SUCCESS ? closed : result;
}

static TEE_Result control(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    EXPECT_TYPES(VALUE_IN, MEMORY_IN, VALUE_IN, MEMORY_IN);
    TEE_iSocketHandle handle;
    uint32_t size = (uint32_t)params[3].memref.size;
    TRY(open_socket(&handle, params));
    TEE_Result result = socket_of(params)->ioctl(handle, params[2].value.a, params[3].memref.buffer, &size);
    TEE_Result closed = socket_of(params)->close(handle);
    return result == TEE_SUCCESS ? closed : result;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    switch (commandID) {
    case SOCKETS_EXCHANGE: return exchange(paramTypes, params);
    case SOCKETS_CONTROL: return control(paramTypes, params);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
