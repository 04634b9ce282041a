// TCP and UDP.
#ifndef SOCKETS_H
#define SOCKETS_H

#define SOCKETS_UUID \
    { 0x5ec0e001, 0x0017, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x17 } }

/// value[0] in: port, 0 for TCP or 1 for UDP; memref[1] in: host with its final zero; memref[2] in: what is sent; memref[3] out: what comes back within 5 seconds.
#define SOCKETS_EXCHANGE 0

#endif
