// /proc/PID: files about memory and threads, what is left of a process or a first thread that has ended.
#include "probe.h"
#include <ctype.h>
#include <sys/wait.h>

static long whole(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY);
    if (file < 0) return -1;
    long count = 0;
    for (;;) {
        ssize_t got = read(file, text + count, size - 1 - count);
        if (got <= 0) break;
        count += got;
    }
    text[count] = 0;
    close(file);
    return count;
}

static char state(pid_t process) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    if (whole(path, text, sizeof text) < 0) return '-';
    return strrchr(text, ')')[2];
}

// The names of the rows, each once, in order, without what depends on the machine.
static void show_rows(const char *path) {
    static char text[1 << 18];
    static const char *known[64];
    int count = 0;
    whole(path, text, sizeof text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *colon = strchr(line, ':');
        if (!isupper((unsigned char)line[0]) || !colon) continue;
        *colon = 0;
        int seen = 0;
        for (int i = 0; i < count; i++) seen |= !strcmp(known[i], line);
        if (seen || count == 64 || !strcmp(line, "ProtectionKey")) continue;
        known[count++] = line;
        printf("%s ", line);
    }
    puts("");
}

static long sum_of(const char *path, const char *row) {
    static char text[1 << 18];
    long sum = 0, value;
    whole(path, text, sizeof text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t length = strlen(row);
        if (!strncmp(line, row, length) && line[length] == ':' && sscanf(line + length + 1, "%ld", &value) == 1) sum += value;
    }
    return sum;
}

static void memory(void) {
    section("smaps");
    show_rows("/proc/self/smaps");
    show_rows("/proc/self/smaps_rollup");
    long size = 4 << 20;
    char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(pages, 1, size);
    TRUTH(sum_of("/proc/self/smaps", "Size") >= size >> 10);
    TRUTH(sum_of("/proc/self/smaps", "Rss") >= size >> 10);
    TRUTH(sum_of("/proc/self/smaps_rollup", "Rss") >= size >> 10);
    TRUTH(sum_of("/proc/self/smaps_rollup", "Pss") >= size >> 10);
    TRUTH(sum_of("/proc/self/smaps_rollup", "Anonymous") >= size >> 10);
    munmap(pages, size);
    section("coredump_filter");
    int file = open("/proc/self/coredump_filter", O_RDWR);
    CALL(write(file, "0x7f\n", 5));
    show_file("/proc/self/coredump_filter");
    CALL(write(file, "zz", 2));
    CALL(write(file, "010", 3));
    show_file("/proc/self/coredump_filter");
    CALL(write(file, "0xfffff", 7));
    show_file("/proc/self/coredump_filter");
    CALL(write(file, "0x33", 4));
    close(file);
    section("clear_refs");
    TRY(file = open("/proc/self/clear_refs", O_WRONLY));
    CALL(write(file, "5", 1));
    CALL(write(file, "0", 1));
    CALL(write(file, "9", 1));
    close(file);
}

static void namespaces(void) {
    section("namespaces");
    const char *names[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "user", "uts"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], text[64] = "", other[64] = "", shown[64];
        struct stat status = {0};
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        if (readlink(path, text, sizeof text - 1) < 0 || stat(path, &status) < 0) puts(error_name(errno));
        snprintf(shown, sizeof shown, "%.*s:[%lu]", (int)strcspn(names[i], "_"), names[i], (unsigned long)status.st_ino);
        snprintf(path, sizeof path, "/proc/%d/ns/%s", getpid(), names[i]);
        if (readlink(path, other, sizeof other - 1) < 0) puts(error_name(errno));
        printf("%s: %d %d\n", names[i], !strcmp(text, shown), !strcmp(text, other));
    }
    char text[64] = "";
    if (readlink("/proc/net", text, sizeof text - 1) < 0) puts(error_name(errno));
    puts(text);
    TRY(open("/proc/net/unix", O_RDONLY));
    TRY(open("/proc/self/net/unix", O_RDONLY));
    TRY(open("/proc/thread-self/net/dev", O_RDONLY));
}

static int ready[2];
static void *makes_a_child(void *result) {
    pid_t child = fork();
    if (child == 0) {
        for (;;) pause();
    }
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", gettid());
    whole(path, text, sizeof text);
    TRUTH(atoi(text) == child && strchr(text, ' '));
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    SHOW(whole(path, text, sizeof text));
    *(pid_t *)result = child;
    return NULL;
}

static void *survivor(void *unused) {
    (void)unused;
    char byte = 0;
    if (write(ready[1], &byte, 1) < 0) _exit(1);
    for (;;) pause();
}

static void remains(pid_t process, int whole_process) {
    char path[64], text[4096];
    for (int i = 0; i < 2000 && state(process) != 'Z'; i++) sleep_ms(1);
    printf("state %c\n", state(process));
    const char *links[] = {"exe", "cwd", "root"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", process, links[i]);
        printf("%s: %s\n", links[i], readlink(path, text, sizeof text) < 0 ? error_name(errno) : "ok");
    }
    const char *files[] = {"cmdline", "maps", "smaps", "environ"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", process, files[i]);
        printf("%s: %ld bytes\n", files[i], whole(path, text, sizeof text));
    }
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *directory = opendir(path);
    int count = 0;
    while (directory && readdir(directory)) count++;
    printf("threads %d\n", count - 2);
    if (directory) closedir(directory);
    if (whole_process) return;
    snprintf(path, sizeof path, "/proc/%d/status", process);
    whole(path, text, sizeof text);
    char *threads = strstr(text, "Threads:");
    printf("%.10s\n", threads ? threads : "none");
    CALL(waitpid(process, NULL, WNOHANG));
}

static void ended(void) {
    section("children of threads");
    pthread_t thread;
    pid_t child = 0;
    pthread_create(&thread, NULL, makes_a_child, &child);
    pthread_join(thread, NULL);
    kill(child, SIGKILL);
    section("a zombie");
    remains(child, 1);
    waitpid(child, NULL, 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", child);
    TRY(open(path, O_RDONLY));
    section("a first thread that has ended");
    if (pipe(ready)) return;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        pthread_create(&thread, NULL, survivor, NULL);
        pthread_exit(NULL);
    }
    char byte;
    if (read(ready[0], &byte, 1) != 1) puts("no thread");
    remains(child, 0);
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    SHOW(WTERMSIG(status));
}

int main(void) {
    memory();
    namespaces();
    ended();
    char text[64];
    section("scheduling");
    long run, wait, times;
    whole("/proc/self/schedstat", text, sizeof text);
    TRUTH(sscanf(text, "%ld %ld %ld", &run, &wait, &times) == 3 && run > 0 && times > 0);
    TRUTH(whole("/proc/self/syscall", text, sizeof text) > 0);
    return 0;
}
