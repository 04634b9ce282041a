// Questions about CFG_ macros: 1 for those defined as y or 1, else 0.
#ifndef CONFIG_H
#define CONFIG_H

#define __CONFIG_y ,
#define __CONFIG_1 ,
#define __CONFIG_PICK(first, second, ...) second
#define __CONFIG_ASK(commaOrNothing) __CONFIG_PICK(commaOrNothing 1, 0, 0)
#define __CONFIG_PASTE(value) __CONFIG_ASK(__CONFIG_##value)
#define IS_ENABLED(config) __CONFIG_PASTE(config)

#endif
