// The pseudo application that tells of memory and time of the TEE.
#ifndef PTA_STATS_H
#define PTA_STATS_H

#define STATS_UUID \
    { 0xd96a5b40, 0xe2c7, 0xb1af, { 0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6, 0x1b } }

#define STATS_CMD_PAGER_STATS 0
#define STATS_CMD_ALLOC_STATS 1
#define STATS_CMD_MEMLEAK_STATS 2
/// memref[0] out: for each application UUID and eight 32-bit numbers.
#define STATS_CMD_TA_STATS 3
/// value[0] out: time of the normal world; value[1] out: time of the TEE; seconds and milliseconds.
#define STATS_CMD_GET_TIME 4
#define STATS_NB_POOLS 4

#endif
