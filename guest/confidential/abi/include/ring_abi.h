// The ring: how the library OS of a confidential guest asks its host for what it cannot have inside. One request at a time: the guest writes a request into shared
// pages and leaves; the host serves it, writes the response, and enters the guest again. The guest copies the response out once and checks it; it reads no byte twice.
#ifndef SKERRY_RING_ABI_H
#define SKERRY_RING_ABI_H

// The doorbell: OUT of 32 bits to this port (GHCB exit 0x7B); the value is the number of the ring's first page (guest-physical address / 4096), which the guest's
// kernel chooses and has shared. The ring's pages are adjacent.
#define SKERRY_RING_PORT 0xE9
#define SKERRY_RING_PAGES 17
// Offsets from the first page.
#define SKERRY_RING_REQUEST 0
#define SKERRY_RING_RESPONSE 0x800
#define SKERRY_RING_PAYLOAD 0x1000
#define SKERRY_RING_PAYLOAD_SIZE 0x10000

// What stores are made of, in bytes, and the most blocks one request moves.
#define SKERRY_RING_BLOCK 4096
#define SKERRY_RING_BLOCKS 16

// Block stores by number.
#define SKERRY_RING_STORE_ROOT 0
#define SKERRY_RING_STORE_SEALED 1

// Streams by number: 0, 1 and 2 are standard input, output and error; the others are the guest's to number.
#define SKERRY_RING_FIRST_STREAM 3
#define SKERRY_RING_STREAMS 64
#define SKERRY_RING_NAME_SIZE 255

// The most bytes of a manifest.
#define SKERRY_RING_MANIFEST_SIZE 0x100000

// A `wait` without a deadline.
#define SKERRY_RING_FOREVER 0xFFFFFFFFFFFFFFFF

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/// The operations; a0 to a3 are `arguments`, r0 to r3 `results`. Counts are bytes unless they are said to be blocks. "Gives" is the payload of the response.
enum skerry_ring_operation {
    /// a0 store, a1 first block, a2 blocks (1 to 16). Gives exactly that many blocks, or fails.
    skerry_ring_block_read = 1,
    /// As `block_read`; takes exactly that many blocks as payload.
    skerry_ring_block_write,
    /// a0 1 or 2; takes bytes. r0: how many of them the host took, 1 at least.
    skerry_ring_console_write,
    /// Gives bytes of standard input, or none at its end.
    skerry_ring_console_read,
    /// a0 the new stream's number; takes a name of 1 to 255 bytes that the host knows where to connect.
    skerry_ring_stream_open,
    /// a0 stream; takes bytes. r0: how many of them the host took, 1 at least.
    skerry_ring_stream_send,
    /// a0 stream. Gives bytes, or none at its end; broken: it was reset.
    skerry_ring_stream_receive,
    /// a0 stream, which is free again whatever the status.
    skerry_ring_stream_close,
    /// r0: nanoseconds since 1970, a hint.
    skerry_ring_wall_clock,
    /// The only one that sleeps. a0 nanoseconds from now (SKERRY_RING_FOREVER: no end), a1 the set of streams to read from, a2 the set to write to (bit n: stream n).
    /// r0 and r1: those of a1 and of a2 that are ready; r2: those of both whose other end is gone. Nothing is ready when time is up.
    skerry_ring_wait,
    /// r0: how often the time stamp counter counts in a second, a hint.
    skerry_ring_counter_frequency,
    /// a0 the exit status, 0 to 255. Does not come back.
    skerry_ring_exit,
    /// a0 offset. Gives the manifest's bytes from there on, none behind its end; r0: its size.
    skerry_ring_manifest_read,
    /// A call to the library OS of the host, in proxy mode only; takes and gives what Proxy/ProxyCall.swift describes. Always done. r0: 0, or why the call failed
    /// (errno(3)); r1: the call's number, where it has one.
    skerry_ring_call,
    /// a0 stream, to which nothing more is sent: the other end finds its end behind what was sent.
    skerry_ring_stream_finish,
    /// a0 store. Done when all that was written to it before is durable.
    skerry_ring_block_flush,
    skerry_ring_operations_end,
};

/// How a request went.
enum skerry_ring_status {
    skerry_ring_done = 0,
    /// Nothing can be moved now: `wait` says when. Streams and the console only.
    skerry_ring_would_block,
    /// Nobody reads what would be written: the other end is gone, or has reset the stream.
    skerry_ring_broken,
    /// The host has no such store, stream or name, or does not allow it.
    skerry_ring_refused,
    /// The host could not read or write.
    skerry_ring_failed,
    /// The store is full.
    skerry_ring_full,
    skerry_ring_statuses_end,
};

/// What the guest asks. Fields an operation does not use are 0.
struct skerry_ring_request {
    /// Never the same twice, and not to be guessed.
    uint64_t tag;
    /// enum skerry_ring_operation.
    uint32_t operation;
    /// Bytes of payload that the guest has written.
    uint32_t length;
    /// The most bytes of payload it will take.
    uint32_t capacity;
    uint32_t reserved;
    uint64_t arguments[4];
};

/// What the host answers.
struct skerry_ring_response {
    /// The request's.
    uint64_t tag;
    /// enum skerry_ring_status.
    uint32_t status;
    /// Bytes of payload, at most the request's capacity; 0 unless done.
    uint32_t length;
    uint64_t results[4];
};

_Static_assert(sizeof(struct skerry_ring_request) == 56 && offsetof(struct skerry_ring_request, arguments) == 24, "no padding");
_Static_assert(sizeof(struct skerry_ring_response) == 48 && offsetof(struct skerry_ring_response, results) == 16, "no padding");
_Static_assert(SKERRY_RING_REQUEST + sizeof(struct skerry_ring_request) <= SKERRY_RING_RESPONSE, "they overlap");
_Static_assert(SKERRY_RING_RESPONSE + sizeof(struct skerry_ring_response) <= SKERRY_RING_PAYLOAD, "they overlap");
_Static_assert(SKERRY_RING_PAYLOAD + SKERRY_RING_PAYLOAD_SIZE == SKERRY_RING_PAGES * 4096, "the pages end with the payload");
_Static_assert(SKERRY_RING_BLOCKS * SKERRY_RING_BLOCK == SKERRY_RING_PAYLOAD_SIZE, "as many blocks as fit");
#endif
#endif
