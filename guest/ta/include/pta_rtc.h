// The pseudo application of the real-time clock.
#ifndef PTA_RTC_H
#define PTA_RTC_H

#include <stdint.h>
#include <util.h>

#define PTA_RTC_UUID \
    { 0xf389f8c8, 0x845f, 0x496c, { 0x8b, 0xbe, 0xd6, 0x4b, 0xd2, 0x4c, 0x92, 0xfd } }

#define PTA_RTC_INFO_VERSION 0x1
#define PTA_RTC_FEATURE_CORRECTION BIT(0)
#define PTA_RTC_FEATURE_ALARM BIT(1)
#define PTA_RTC_FEATURE_WAKEUP_ALARM BIT(2)

/// A moment; months from 0, years in full, days of the week from Sunday.
struct pta_rtc_time {
    uint32_t tm_sec;
    uint32_t tm_min;
    uint32_t tm_hour;
    uint32_t tm_mday;
    uint32_t tm_mon;
    uint32_t tm_year;
    uint32_t tm_wday;
};

/// What the clock can do.
struct pta_rtc_info {
    uint64_t version;
    uint64_t features;
    struct pta_rtc_time range_min;
    struct pta_rtc_time range_max;
};

/// memref[0] out: pta_rtc_info.
#define PTA_CMD_RTC_GET_INFO 0x0
/// memref[0] out: pta_rtc_time.
#define PTA_CMD_RTC_GET_TIME 0x1
/// memref[0] in: pta_rtc_time.
#define PTA_CMD_RTC_SET_TIME 0x2
/// value[0].a out: signed parts per billion.
#define PTA_CMD_RTC_GET_OFFSET 0x3
#define PTA_CMD_RTC_SET_OFFSET 0x4

#endif
