// The line discipline: what is echoed of what was typed, and what a reader gets, under every mode.
#include "terminal.h"

typedef struct {
    const char *title;
    tcflag_t input_on, input_off, output_on, output_off, local_on, local_off;
    const char *typed;
} Case;

#define SIZE(text) (sizeof(text) - 1)

static const Case cases[] = {
    {"a line", 0, 0, 0, 0, 0, 0, "hello\n"},
    {"two lines and a half", 0, 0, 0, 0, 0, 0, "one\ntwo\nthr"},
    {"carriage return", 0, 0, 0, 0, 0, 0, "one\rtwo\r"},
    {"without ICRNL", 0, ICRNL, 0, 0, 0, 0, "one\rtwo\n"},
    {"IGNCR", IGNCR, 0, 0, 0, 0, 0, "one\r\ntwo\r\n"},
    {"INLCR", INLCR, ICRNL, 0, 0, 0, 0, "one\ntwo\r"},
    {"INLCR and ICRNL", INLCR, 0, 0, 0, 0, 0, "one\ntwo\r"},
    {"ISTRIP", ISTRIP, 0, 0, 0, 0, 0, "\xc1\xe2z\n"},
    {"IUCLC", IUCLC, 0, 0, 0, 0, 0, "ABC[]xyz\n"},
    {"IUCLC without IEXTEN", IUCLC, 0, 0, 0, 0, IEXTEN, "ABCxyz\n"},
    {"PARMRK", PARMRK, 0, 0, 0, 0, 0, "a\xff" "b\n"},
    {"PARMRK raw", PARMRK, 0, 0, 0, 0, ICANON | ECHO, "a\xff" "b"},
    {"no echo", 0, 0, 0, 0, 0, ECHO, "secret\n"},
    {"ECHONL", 0, 0, 0, 0, ECHONL, ECHO, "secret\n"},
    {"control characters", 0, 0, 0, 0, 0, 0, "a\001b\tc\033d\n"},
    {"without ECHOCTL", 0, 0, 0, 0, 0, ECHOCTL, "a\001b\tc\033d\n"},
    {"erase", 0, 0, 0, 0, 0, 0, "abc\177\177d\n"},
    {"erase without ECHOE", 0, 0, 0, 0, 0, ECHOE, "abc\177\177d\n"},
    {"erase with ECHOPRT", 0, 0, 0, 0, ECHOPRT, 0, "abc\177\177d\177\177\177e\n"},
    {"erase a control character", 0, 0, 0, 0, 0, 0, "a\001\177b\n"},
    {"erase a control character without ECHOCTL", 0, 0, 0, 0, 0, ECHOCTL, "a\001\177b\n"},
    {"erase a tab", 0, 0, 0, 0, 0, 0, "ab\t\177c\n"},
    {"erase a second tab", 0, 0, 0, 0, 0, 0, "ab\tc\001\t\177d\n"},
    {"erase past the start", 0, 0, 0, 0, 0, 0, "a\177\177\177b\n"},
    {"erase bytes of UTF-8", 0, IUTF8, 0, 0, 0, 0, "a\xc3\xa9\177b\n"},
    {"erase a character of UTF-8", IUTF8, 0, 0, 0, 0, 0, "a\xe2\x82\xac\177b\n"},
    {"erase UTF-8 with ECHOPRT", IUTF8, 0, 0, 0, ECHOPRT, 0, "a\xe2\x82\xac\177b\n"},
    {"kill", 0, 0, 0, 0, 0, 0, "abc\001\tx\025def\n"},
    {"kill without ECHOKE", 0, 0, 0, 0, 0, ECHOKE, "abc\025def\n"},
    {"kill without ECHOK and ECHOKE", 0, 0, 0, 0, 0, ECHOKE | ECHOK, "abc\025def\n"},
    {"kill without ECHO", 0, 0, 0, 0, 0, ECHO, "abc\025def\n"},
    {"erase a word", 0, 0, 0, 0, 0, 0, "one two_3 ++\027four\n"},
    {"erase a word without IEXTEN", 0, 0, 0, 0, 0, IEXTEN, "one two\027four\n"},
    {"reprint", 0, 0, 0, 0, 0, 0, "one\ntwo\001\022three\n"},
    {"literal next", 0, 0, 0, 0, 0, 0, "a\026\003b\026\004c\026\nd\n"},
    {"literal next without ECHOCTL", 0, 0, 0, 0, 0, ECHOCTL, "a\026\003b\n"},
    {"end of file", 0, 0, 0, 0, 0, 0, "abc\004def\n\004"},
    {"only an end of file", 0, 0, 0, 0, 0, 0, "\004\004x\n"},
    {"raw", 0, 0, 0, 0, 0, ICANON | ECHO | ISIG | IEXTEN, "a\003\004\177\r\n"},
    {"raw with echo", 0, 0, 0, 0, 0, ICANON, "a\001\177\r\nb"},
    {"upper case", 0, 0, OLCUC, 0, 0, 0, "abc\n"},
    {"OCRNL", 0, ICRNL, OCRNL, 0, 0, 0, "abc\rdef\n"},
    {"without ONLCR", 0, 0, 0, ONLCR, 0, 0, "abc\n"},
    {"without OPOST", 0, 0, 0, OPOST, 0, 0, "abc\n\001"},
    {"a signal flushes", 0, 0, 0, 0, 0, 0, "abc\003def\n"},
    {"NOFLSH", 0, 0, 0, 0, NOFLSH, 0, "abc\003def\n"},
    {"stop and start", 0, 0, 0, 0, 0, 0, "abc\023def\021g\n"},
    {"without IXON", 0, IXON, 0, 0, 0, 0, "abc\023def\021g\n"},
    {"IXANY", IXANY, 0, 0, 0, 0, 0, "abc\023def\n"},
};

static void run(const Case *now) {
    printf("-- %s\n", now->title);
    Pair pair = open_pair();
    struct termios settings;
    tcgetattr(pair.slave, &settings);
    settings.c_iflag = (settings.c_iflag | now->input_on) & ~now->input_off;
    settings.c_oflag = (settings.c_oflag | now->output_on) & ~now->output_off;
    settings.c_lflag = (settings.c_lflag | now->local_on) & ~now->local_off;
    tcsetattr(pair.slave, TCSANOW, &settings);
    type(pair.master, now->typed);
    show_output(pair.master);
    printf("  available %d\n", available(pair.slave));
    show_reads(pair.slave);
    close_pair(pair);
}

static void output_modes(void) {
    static const struct { const char *title; tcflag_t on, off; const char *text; } modes[] = {
        {"as it is", 0, 0, "a\tb\nc\rd\be"}, {"tabs", XTABS, 0, "a\tbcd\te\t\nf\tg"}, {"ONOCR", ONOCR, 0, "\rab\r\rc\n"},
        {"ONLRET", ONLRET, ONLCR, "ab\n\tc"}, {"OCRNL", OCRNL, ONLCR, "a\rb\nc"}, {"OLCUC", OLCUC, 0, "abcXYZ1"}, {"raw", 0, OPOST, "a\tb\nc\r"},
    };
    section("output");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        Pair pair = open_pair();
        struct termios settings;
        tcgetattr(pair.slave, &settings);
        settings.c_oflag = (settings.c_oflag | modes[i].on) & ~modes[i].off;
        tcsetattr(pair.slave, TCSADRAIN, &settings);
        printf("%s: %zd\n", modes[i].title, write(pair.slave, modes[i].text, strlen(modes[i].text)));
        show_output(pair.master);
        close_pair(pair);
    }
}

static void characters(void) {
    section("special characters");
    Pair pair = open_pair();
    struct termios settings;
    tcgetattr(pair.slave, &settings);
    for (int i = 0; i < 17; i++) printf("%d%s", settings.c_cc[i], i < 16 ? " " : "\n");
    printf("%o %o %o %o %d %d\n", settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag, cfgetispeed(&settings), cfgetospeed(&settings));
    settings.c_cc[VEOL] = ';';
    settings.c_cc[VEOL2] = ',';
    settings.c_cc[VERASE] = '#';
    settings.c_cc[VINTR] = _POSIX_VDISABLE;
    CALL(tcsetattr(pair.slave, TCSANOW, &settings));
    type(pair.master, "one;two,abc##\003\n");
    show_output(pair.master);
    show_reads(pair.slave);
    cfsetspeed(&settings, B115200);
    settings.c_cflag = (settings.c_cflag & ~CSIZE) | CS7 | PARENB;
    CALL(tcsetattr(pair.slave, TCSAFLUSH, &settings));
    CALL(tcgetattr(pair.slave, &settings));
    printf("%o %d\n", settings.c_cflag, cfgetospeed(&settings) == B115200);
    // The master's are the slave's.
    struct termios seen;
    CALL(tcgetattr(pair.master, &seen));
    printf("same: %d\n", memcmp(&seen.c_cc, &settings.c_cc, sizeof seen.c_cc) == 0 && seen.c_lflag == settings.c_lflag);
    cfmakeraw(&seen);
    CALL(tcsetattr(pair.master, TCSANOW, &seen));
    tcgetattr(pair.slave, &settings);
    printf("%o %o %o %o\n", settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag);
    close_pair(pair);
}

static void long_lines(void) {
    section("long lines");
    static char text[6000];
    memset(text, 'x', sizeof text);
    Pair pair = open_pair();
    struct termios settings;
    tcgetattr(pair.slave, &settings);
    settings.c_lflag &= ~ECHO;
    tcsetattr(pair.slave, TCSANOW, &settings);
    printf("typed %zd\n", write(pair.master, text, sizeof text));
    type(pair.master, "yz\n");
    printf("available %d\n", available(pair.slave));
    static char line[8192];
    ssize_t count = read(pair.slave, line, sizeof line);
    printf("read %zd, ends %d %d\n", count, line[count - 2], line[count - 1]);
    settings.c_lflag &= ~ICANON;
    tcsetattr(pair.slave, TCSANOW, &settings);
    printf("typed %zd\n", write(pair.master, text, 5000));
    sleep_ms(30);
    printf("available %d\n", available(pair.slave));
    ssize_t total = 0;
    for (int i = 0; i < 50 && total < 5000; i++) {
        count = read(pair.slave, line, sizeof line);
        if (count > 0) total += count;
        else sleep_ms(10);
    }
    printf("read %zd\n", total);
    close_pair(pair);
}

static void small_reads(void) {
    section("small reads");
    Pair pair = open_pair();
    char bytes[16];
    type(pair.master, "abcdef\n\004gh\004");
    show_bytes("  read", bytes, read(pair.slave, bytes, 4));
    show_bytes("  read", bytes, read(pair.slave, bytes, 3));
    show_bytes("  read", bytes, read(pair.slave, bytes, 3));
    show_bytes("  read", bytes, read(pair.slave, bytes, 2));
    show_bytes("  read", bytes, read(pair.slave, bytes, 2));
    close_pair(pair);
}

static void mode_changes(void) {
    section("changes between canonical and raw");
    Pair pair = open_pair();
    struct termios lines, raw;
    tcgetattr(pair.slave, &lines);
    raw = lines;
    raw.c_lflag &= ~ICANON;
    type(pair.master, "half");
    printf("  available %d\n", available(pair.slave));
    tcsetattr(pair.slave, TCSANOW, &raw);
    printf("  available %d\n", available(pair.slave));
    tcsetattr(pair.slave, TCSANOW, &lines);
    printf("  available %d\n", available(pair.slave));
    show_reads(pair.slave);
    type(pair.master, "lost\n");
    tcsetattr(pair.slave, TCSAFLUSH, &lines);
    printf("  available %d\n", available(pair.slave));
    type(pair.master, "in\n");
    CALL(tcflush(pair.slave, TCIFLUSH));
    CALL(tcflush(pair.slave, 7));
    printf("  available %d\n", available(pair.slave));
    show_output(pair.master);
    close_pair(pair);
}

static void minimum_and_time(void) {
    section("VMIN and VTIME");
    static const struct { int minimum, time; const char *before, *during; int size; } waits[] = {
        {0, 0, "", 0, 8}, {0, 0, "ab", 0, 8}, {0, 1, "", 0, 8}, {0, 3, "", "x", 8}, {1, 0, "abc", 0, 2}, {3, 0, "a", "bcd", 8}, {3, 0, "abcd", 0, 2},
        {3, 1, "a", 0, 8}, {3, 1, "", "z", 8}, {2, 2, "ab", 0, 8}, {9, 0, "abc", 0, 3},
    };
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        Pair pair = open_pair();
        fcntl(pair.slave, F_SETFL, 0);
        struct termios settings;
        tcgetattr(pair.slave, &settings);
        settings.c_lflag &= ~(ICANON | ECHO);
        settings.c_cc[VMIN] = waits[i].minimum;
        settings.c_cc[VTIME] = waits[i].time;
        tcsetattr(pair.slave, TCSANOW, &settings);
        type(pair.master, waits[i].before);
        printf("%d %d: events %x\n", waits[i].minimum, waits[i].time, events(pair.slave) & POLLIN);
        pid_t child = waits[i].during ? fork() : 0;
        if (waits[i].during && child == 0) {
            sleep_ms(60);
            type(pair.master, waits[i].during);
            _exit(0);
        }
        char bytes[16];
        show_bytes("  read", bytes, read(pair.slave, bytes, waits[i].size));
        if (child) waitpid(child, 0, 0);
        close_pair(pair);
    }
}

int main(void) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) run(&cases[i]);
    output_modes();
    characters();
    long_lines();
    small_reads();
    mode_changes();
    minimum_and_time();
    return 0;
}
