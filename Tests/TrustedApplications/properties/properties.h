// Properties of the three sets: 0 the application, 1 its client, 2 the TEE.
#ifndef PROPERTIES_H
#define PROPERTIES_H

#define PROPERTIES_UUID \
    { 0x5ec0e001, 0x0002, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x02 } }

/// value[0].a in: set; memref[1] in: name with its final zero; memref[2] out: the property as a string with its final zero.
#define PROPERTIES_STRING 0
/// value[0] in: set, type (0 bool, 1 u32, 2 UUID, 3 identity, 5 bytes, 6 u64); memref[1] in: name; memref[2] out: the value.
#define PROPERTIES_TYPED 1
/// value[0].a in: set; memref[1] out: all names, each with its final zero; value[2].a out: how many.
#define PROPERTIES_NAMES 2
/// value[0].a in: set; memref[1] out: all values as strings, each with its final zero, read through the enumerator.
#define PROPERTIES_VALUES 3

#endif
