// Trusted storage. Each command opens the object whose identifier is in memref[0] anew, in the private storage.
#ifndef STORAGE_H
#define STORAGE_H

#define STORAGE_UUID \
    { 0x5ec0e001, 0x0008, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x08 } }

/// memref[0] in: identifier; memref[1] in: data; value[2].a in: flags beside reading and writing.
#define STORAGE_CREATE 0
/// memref[0] in: identifier; value[1].a in: position; memref[2] out: data from there on.
#define STORAGE_READ 1
/// memref[0] in: identifier; value[1].a in: position; memref[2] in: data.
#define STORAGE_WRITE 2
/// memref[0] in: identifier; value[1].a in: new length.
#define STORAGE_TRUNCATE 3
/// memref[0] in: identifier; memref[1] in: new identifier.
#define STORAGE_RENAME 4
/// memref[0] in: identifier.
#define STORAGE_DELETE 5
/// memref[0] out: identifiers, each with one byte of length before it; value[1].a out: how many.
#define STORAGE_LIST 6
/// memref[0] in: identifier; value[1] in: offset, and 0 to 2 from where; value[2].a in: offset before, from the start; value[3] out: position, size.
#define STORAGE_SEEK 7
/// memref[0] in: identifier; value[1] in: flags of two openings; value[2] out: results of both.
#define STORAGE_OPEN_TWICE 8
/// memref[0] in: identifier; makes an AES key of 256 bits, keeps it, opens it and compares; value[1] out: object type, key size.
#define STORAGE_KEY 9
/// memref[0] in: identifier; has a new AES key become the stored object, keeps data beside it and opens it again; value[1] out: its flags then, size of the data.
#define STORAGE_BECOME 10
/// An object of nothing but data that is transient; there is none.
#define STORAGE_TRANSIENT_DATA 11

#endif
