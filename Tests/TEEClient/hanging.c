// Three sessions, and a command that never ends by itself.
#include "client.h"

int main(void) {
    begin();
    TEEC_Session more[2];
    for (int index = 0; index < 2; index++) need(TEEC_OpenSession(&context, &more[index], &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), "open");
    return (int)invoke(SLEEP, NULL);
}
