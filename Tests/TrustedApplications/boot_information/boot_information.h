// An application that shows what it was told at its start.
#ifndef BOOT_INFORMATION_H
#define BOOT_INFORMATION_H

#define BOOT_INFORMATION_UUID \
    { 0x5ec0e001, 0x0017, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x17 } }

/// memref[0] out: the device tree; TEE_ERROR_ITEM_NOT_FOUND when there is none.
#define BOOT_INFORMATION_TREE 0
/// memref[0] out: five words of 64 bits: a function, a variable, a local variable, the memory of that parameter, the thread pointer.
#define BOOT_INFORMATION_ADDRESSES 1
/// Writes to the tree, which panics.
#define BOOT_INFORMATION_WRITE 2

#endif
