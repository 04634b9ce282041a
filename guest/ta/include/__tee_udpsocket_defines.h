// The name under which OP-TEE sources include these constants.
#include <tee_udpsocket.h>
