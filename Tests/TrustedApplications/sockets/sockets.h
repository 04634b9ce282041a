// TCP and UDP.
#ifndef SOCKETS_H
#define SOCKETS_H

#define SOCKETS_UUID \
    { 0x5ec0e001, 0x0024, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x24 } }

/// value[0] in: port, 0 for TCP or 1 for UDP; memref[1] in: host with its final zero; memref[2] in: what is sent; memref[3] out: what comes back within 5 seconds.
#define SOCKETS_EXCHANGE 0
/// value[0] in: port, 0 for TCP or 1 for UDP; memref[1] in: host with its final zero; value[2].a in: the command of an ioctl; memref[3] in: its bytes.
#define SOCKETS_CONTROL 1

#endif
