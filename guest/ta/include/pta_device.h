// The pseudo application that lists the applications which stand for devices.
#ifndef PTA_DEVICE_H
#define PTA_DEVICE_H

#define PTA_DEVICE_UUID \
    { 0x7011a688, 0xddde, 0x4053, { 0xa5, 0xa9, 0x7b, 0x3c, 0x4d, 0xdf, 0x13, 0xb8 } }

// memref[0] out: UUIDs, big-endian.
#define PTA_CMD_GET_DEVICES 0x0
#define PTA_CMD_GET_DEVICES_SUPP 0x1
#define PTA_CMD_GET_DEVICES_RPMB 0x2

#endif
