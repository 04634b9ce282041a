// Contexts, sessions and commands (TEE Client API 1.0, 4.5.1, 4.5.2, 4.5.6 to 4.5.8), whichever the transport.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // secure_getenv
#endif
#include <stdlib.h>
#include <string.h>

#include "teec.h"

TEEC_EXPORT TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context) {
    static const char scheme[] = "unix:";
    if (!context) return TEEC_ERROR_BAD_PARAMETERS;
    memset(context, 0, sizeof *context);
    context->imp.fd = -1;
    if (name && !strncmp(name, scheme, sizeof scheme - 1)) return teec_socket_connect(name + sizeof scheme - 1, context);
    if (name && strcmp(name, "optee-tz")) return TEEC_ERROR_ITEM_NOT_FOUND;
    const char *path = secure_getenv("SKERRY_TEE_SOCKET");
    if (path && *path) return teec_socket_connect(path, context);
    return teec_device_open(name, context);
}

TEEC_EXPORT void TEEC_FinalizeContext(TEEC_Context *context) {
    if (!context) return;
    struct teec_connection *connection = teec_socket_find(context);
    if (connection) teec_socket_disconnect(connection);
    else teec_device_close(context);
    context->imp.fd = -1;
}

static void perform(TEEC_Context *context, TEEC_Operation *operation, struct teec_request *request) {
    request->origin = TEEC_ORIGIN_API;
    request->result = teec_gather(operation, request->parameters);
    if (request->result != TEEC_SUCCESS) return;
    struct teec_pending pending = {.operation = operation, .context = context, .session = request->session};
    if (!teec_begin(&pending)) {
        request->result = TEEC_ERROR_CANCEL;
        return;
    }
    struct teec_connection *connection = teec_socket_find(context);
    if (connection) {
        teec_socket_perform(connection, request, &pending);
        teec_end(&pending);
        teec_socket_leave(connection);
    } else {
        teec_device_perform(context, request, &pending);
        teec_end(&pending);
    }
    if (request->is_answered) teec_scatter(operation, request->parameters);
}

static TEEC_Result bad_parameters(uint32_t *origin) {
    if (origin) *origin = TEEC_ORIGIN_API;
    return TEEC_ERROR_BAD_PARAMETERS;
}

TEEC_EXPORT TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *destination, uint32_t connectionMethod,
                                         const void *connectionData, TEEC_Operation *operation, uint32_t *returnOrigin) {
    bool is_of_group = connectionMethod == TEEC_LOGIN_GROUP || connectionMethod == TEEC_LOGIN_GROUP_APPLICATION;
    if (!context || !session || !destination || (is_of_group && !connectionData)) return bad_parameters(returnOrigin);
    struct teec_request request = {.opens = true, .destination = *destination, .login = connectionMethod};
    if (is_of_group) memcpy(&request.group, connectionData, sizeof request.group);
    if (operation) operation->imp.session = NULL;
    perform(context, operation, &request);
    if (request.result == TEEC_SUCCESS) {
        session->imp.ctx = context;
        session->imp.session_id = request.session;
    }
    if (returnOrigin) *returnOrigin = request.origin;
    return request.result;
}

TEEC_EXPORT void TEEC_CloseSession(TEEC_Session *session) {
    if (!session || !session->imp.ctx) return;
    struct teec_connection *connection = teec_socket_find(session->imp.ctx);
    if (connection) {
        teec_socket_close_session(connection, session->imp.session_id);
        teec_socket_leave(connection);
    } else {
        teec_device_close_session(session->imp.ctx, session->imp.session_id);
    }
}

TEEC_EXPORT TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation, uint32_t *returnOrigin) {
    if (!session || !session->imp.ctx) return bad_parameters(returnOrigin);
    struct teec_request request = {.session = session->imp.session_id, .command = commandID};
    if (operation) operation->imp.session = session;
    perform(session->imp.ctx, operation, &request);
    if (returnOrigin) *returnOrigin = request.origin;
    return request.result;
}
