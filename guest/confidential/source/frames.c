// The frames of RAM: who has which. The library OS's own memory (heap.c) and the memory of programs come from here. RAM is accepted 2 MiB at a time, when all that
// was accepted is in use. One processor, interrupts off: no locks.
#include "memory.h"

// The last steps are for the library OS's own runs alone. Programs, and the pages of files, take and give back single frames, until no two that are free lie side
// by side; the heap cannot do without a run, however many frames are free.
enum { frames_per_step = SKERRY_GUEST_RAM_STEP / 4096, words = frames_per_step / 64, own_steps = 2 };

/// Two MiB of RAM; a bit for each frame in use.
struct step {
    uint64_t used[words];
    uint64_t free;
};

static struct step *steps;
static uint64_t step_count, free_frames, hint;

static uint64_t all_steps(void) { return skerry_ram_size() / SKERRY_GUEST_RAM_STEP; }
/// Steps that anybody may have frames of.
static uint64_t common_steps(void) { return all_steps() > own_steps ? all_steps() - own_steps : 0; }

static uint64_t first_frame(uint64_t step) { return (SKERRY_GUEST_RAM + step * SKERRY_GUEST_RAM_STEP) >> 12; }

static int is_used(const struct step *step, uint64_t frame) { return step->used[frame / 64] >> (frame % 64) & 1; }

static void mark(struct step *step, uint64_t first, uint64_t count, int is_used) {
    for (uint64_t frame = first; frame < first + count; frame++) {
        uint64_t bit = 1ull << (frame % 64);
        // A frame that is taken or given twice would belong to two.
        if (!!(step->used[frame / 64] & bit) == is_used) skerry_terminate(SKERRY_TERMINATED_REFUSING, skerry_refusal_unreachable);
        step->used[frame / 64] ^= bit;
    }
    step->free += is_used ? -count : count;
    free_frames += is_used ? -count : count;
}

/// Accepts 2 MiB more.
static int grow(void) {
    if (!skerry_accept_step()) return 0;
    struct step *step = &steps[step_count++];
    memset(step, 0, sizeof *step);
    step->free = frames_per_step;
    free_frames += frames_per_step;
    return 1;
}

void skerry_frames_begin(uint64_t ram) {
    // The table of all steps lies in the first ones.
    uint64_t size = ram / SKERRY_GUEST_RAM_STEP * sizeof(struct step), needed = (size + SKERRY_GUEST_RAM_STEP - 1) / SKERRY_GUEST_RAM_STEP;
    steps = (struct step *)(SKERRY_GUEST_DIRECT + SKERRY_GUEST_RAM);
    for (uint64_t step = 0; step < needed; step++)
        if (!skerry_accept_step()) skerry_terminate(SKERRY_TERMINATED_REFUSING, skerry_refusal_memory);
    for (uint64_t step = 0; step < needed; step++) {
        memset(&steps[step], 0, sizeof *steps);
        steps[step].free = frames_per_step;
        free_frames += frames_per_step;
        uint64_t left = size - step * SKERRY_GUEST_RAM_STEP, own = left < SKERRY_GUEST_RAM_STEP ? left : SKERRY_GUEST_RAM_STEP;
        mark(&steps[step], 0, (own + 4095) / 4096, 1);
    }
    step_count = needed;
}

/// The longest run of free frames in a step up to `wanted`, from its first place on.
static uint64_t longest(const struct step *step, uint64_t wanted, uint64_t *first) {
    uint64_t best = 0, run = 0;
    for (uint64_t frame = 0; frame < frames_per_step && best < wanted; frame++) {
        if (frame % 64 == 0 && step->used[frame / 64] == ~0ull) {
            run = 0;
            frame += 63;
            continue;
        }
        run = is_used(step, frame) ? 0 : run + 1;
        if (run > best) {
            best = run;
            *first = frame + 1 - run;
        }
    }
    return best;
}

/// Whole free steps below `limit`, for runs that are aligned to 2 MiB.
static uint64_t take_steps(uint64_t count, uint64_t limit, uint64_t *got) {
    uint64_t wanted = count / frames_per_step, run = 0;
    for (uint64_t step = 0;; step++) {
        if (step >= limit || (step == step_count && !grow())) return 0;
        run = steps[step].free == frames_per_step ? run + 1 : 0;
        if (run < wanted) continue;
        for (uint64_t each = step + 1 - wanted; each <= step; each++) mark(&steps[each], 0, frames_per_step, 1);
        *got = wanted * frames_per_step;
        return first_frame(step + 1 - wanted);
    }
}

/// The longest run up to `count` in steps below `limit`.
static uint64_t take(uint64_t count, uint64_t limit, uint64_t *got) {
    if (count == 0) return 0;
    if (count >= frames_per_step) {
        uint64_t first = take_steps(count, limit, got);
        if (first) return first;
        count = frames_per_step;
    }
    for (int mayGrow = 1;; mayGrow = 0) {
        uint64_t best = 0, bestStep = 0, place = 0, known = step_count < limit ? step_count : limit;
        for (uint64_t index = 0; index < known && best < count; index++) {
            uint64_t step = (hint + index) % known, first = 0;
            if (steps[step].free <= best) continue;
            uint64_t found = longest(&steps[step], count, &first);
            if (found > best) best = found, bestStep = step, place = first;
        }
        if (best < count && mayGrow && step_count < limit && grow()) {
            hint = step_count - 1;
            continue;
        }
        if (best == 0) return 0;
        hint = bestStep;
        mark(&steps[bestStep], place, best, 1);
        *got = best;
        return first_frame(bestStep) + place;
    }
}

uint64_t skerry_frames_take(uint64_t count, uint64_t *got) { return take(count, common_steps(), got); }

static uint64_t take_whole(uint64_t count, uint64_t limit) {
    // What is longer than a step lies in whole ones; the rest of the last is given back.
    uint64_t got = 0, wanted = count > frames_per_step ? (count + frames_per_step - 1) / frames_per_step * frames_per_step : count;
    uint64_t first = take(wanted, limit, &got);
    if (first && got < count) {
        skerry_frames_give(first, got);
        return 0;
    }
    if (first && got > count) skerry_frames_give(first + count, got - count);
    return first;
}

uint64_t skerry_frames_take_run(uint64_t count) {
    uint64_t first = take_whole(count, common_steps());
    return first ? first : take_whole(count, all_steps());
}

void skerry_frames_give(uint64_t first, uint64_t count) {
    while (count > 0) {
        uint64_t offset = first - first_frame(0), step = offset / frames_per_step, place = offset % frames_per_step;
        if (first < first_frame(0) || step >= step_count) skerry_terminate(SKERRY_TERMINATED_REFUSING, skerry_refusal_unreachable);
        uint64_t part = frames_per_step - place < count ? frames_per_step - place : count;
        mark(&steps[step], place, part, 0);
        first += part;
        count -= part;
    }
}

uint64_t skerry_frames_free(void) {
    // What is not accepted yet can be.
    return free_frames + (all_steps() - step_count) * frames_per_step;
}
