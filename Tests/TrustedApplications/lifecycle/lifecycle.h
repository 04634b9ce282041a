// How instances and sessions come and go. LIFECYCLE_KIND, defined on the command line, makes four applications of the source:
// 0 an instance for each session, 1 one instance for one session at a time, 2 one for many sessions, 3 the same, which stays after the last.
#ifndef LIFECYCLE_H
#define LIFECYCLE_H

#ifndef LIFECYCLE_KIND
#define LIFECYCLE_KIND 0
#endif
#define LIFECYCLE_UUID \
    { 0x5ec0e001, 0x0020 + LIFECYCLE_KIND, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x20 + LIFECYCLE_KIND } }

/// Parameters of opening a session: none, or value[0].a in: the result of it.
/// value[0] out: commands that this instance had, commands that this session had; value[1] out: sessions open now, sessions ever.
#define LIFECYCLE_COUNT 0
/// Panics.
#define LIFECYCLE_PANIC 1
/// value[0].a in: kept with TEE_SetInstanceData; value[1].a out: what was kept before.
#define LIFECYCLE_INSTANCE_DATA 2

#endif
