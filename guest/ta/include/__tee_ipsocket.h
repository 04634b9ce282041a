// Versions of the internet protocol (GlobalPlatform TEE Sockets API 1.0.1, annex A).
#ifndef TEE_IPSOCKET_H
#define TEE_IPSOCKET_H

typedef enum TEE_ipSocket_ipVersion_e {
    /// Whichever the name has an address of.
    TEE_IP_VERSION_DC = 0,
    TEE_IP_VERSION_4 = 1,
    TEE_IP_VERSION_6 = 2
} TEE_ipSocket_ipVersion;

#endif
