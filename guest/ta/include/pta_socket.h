// The pseudo application that opens TCP and UDP connections through the normal world.
#ifndef PTA_SOCKET_H
#define PTA_SOCKET_H

#define PTA_SOCKET_UUID \
    { 0x3b996a7d, 0x2c2b, 0x4a49, { 0xa8, 0x96, 0xe1, 0xfb, 0x57, 0x66, 0xd2, 0xf4 } }

/// value[0] in: address family, port; memref[1] in: host with its final zero; value[2] in: protocol 0x65 (TCP) or 0x66 (UDP); value[3] out: handle.
#define PTA_SOCKET_OPEN 1
/// value[0] in: handle.
#define PTA_SOCKET_CLOSE 2
#define PTA_SOCKET_TIMEOUT_NONBLOCKING 0
#define PTA_SOCKET_TIMEOUT_BLOCKING 0xffffffff
/// value[0] in: handle, milliseconds; memref[1] in; value[2] out: bytes sent.
#define PTA_SOCKET_SEND 3
/// value[0] in: handle, milliseconds; memref[1] out.
#define PTA_SOCKET_RECV 4
/// value[0] in: handle, command; memref[1] inout.
#define PTA_SOCKET_IOCTL 5

#endif
