#include "sockets.h"

#include <tee_tcpsocket.h>
#include <tee_udpsocket.h>

#include "../plain_session.h"

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    if (commandID != SOCKETS_EXCHANGE) return TEE_ERROR_NOT_SUPPORTED;
    EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_IN, MEMORY_OUT);
    TEE_iSocketHandle handle;
    uint32_t protocolError, size = (uint32_t)params[2].memref.size;
    TEE_tcpSocket_Setup tcp = {TEE_IP_VERSION_DC, params[1].memref.buffer, (uint16_t)params[0].value.a};
    TEE_udpSocket_Setup udp = {TEE_IP_VERSION_DC, params[1].memref.buffer, (uint16_t)params[0].value.a};
    TEE_iSocket *socket = params[0].value.b ? TEE_udpSocket : TEE_tcpSocket;
    TRY(socket->open(&handle, params[0].value.b ? (void *)&udp : (void *)&tcp, &protocolError));
    TEE_Result result = socket->send(handle, params[2].memref.buffer, &size, TEE_TIMEOUT_INFINITE);
    size = (uint32_t)params[3].memref.size;
    if (result == TEE_SUCCESS) result = socket->recv(handle, params[3].memref.buffer, &size, 5000);
    params[3].memref.size = size;
    TEE_Result closed = socket->close(handle);
    return result == TEE_SUCCESS ? closed : result;
}
