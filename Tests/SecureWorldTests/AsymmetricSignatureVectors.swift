// Values of pyca/cryptography and Python's pow; keys of `openssl genpkey`.
@testable import SecureWorld

enum AsymmetricSignatureVectors {
    /// DSA key pairs, as attributes in hexadecimal, with signatures of digests `pattern(count)`.
    static let dsa: [(size: UInt32, key: [(TEEAttributeID, String)], signatures: [(TEEAlgorithm, count: Int, String)])] = [
        (
            1024,
            [
                (
                    .dsaPrime,
                    "d4d5096f812c563ef44665aefb4a35a8ddbcf0440b4784f3baf4f0948ef2e13b58fc5ddd9e41c2e1109bd7fdabaae4e60ebf418ab39319672e39dece"
                        + "08ba608302b8ed774d0bd005dc240ddacdbde6b3d0363d68af99e7ccfabcdc067f689aaf798ee3e0c3e9cd86e36bde7eee7363d39bd80e69b7bfd691"
                        + "3219df3f5ef5659b"
                ),
                (
                    .dsaSubprime,
                    "a37dff480b6b878aa9c4d0d487f0cf692faae57d"
                ),
                (
                    .dsaBase,
                    "37cd6ab299e7e2efaadfff7d8aa9cff6b123c36305821a23c49502c881b7238c5404205746db5ff618dff6adaecf365e1b5895881d48dee5ea8a14d0"
                        + "8e50067e422a7bb8e0e3248fca6770c61e12b25fe12b995ada2651024c09bfefee238907af816e92242ce97674fc8f7d3171aa2823e412d359ad4a28"
                        + "41d1a6e1aec0a665"
                ),
                (
                    .dsaPrivateValue,
                    "6ebe937663d7d2c6eca02b7808b7c557d1b57d1a"
                ),
                (
                    .dsaPublicValue,
                    "97105db6f27791cb9bcadb9c5676f3a6ebae304f5dc28aea01b0097aef10b8e6006668983d2a808288795456b3d539eb0f613db40592b11c5d9e3a42"
                        + "398b648ca992e5e651c67c9efd54fe5a6430355327be56c8fec6c07aadc54383c10aebe1d4e1e7e3be4310e5a710d02fb20e36204daa0db017d92cd8"
                        + "afc4e6eaf495146c"
                ),
            ],
            [
                (
                    .dsaSHA1, 20,
                    "3698b4e6f0e678109617dbfdf8affa4f0c6fd9f13ab9244e12d4c164feead5b4eedbf1a9e404435c"
                ),
                (
                    .dsaSHA224, 20,
                    "4b8e1304372101cfadefa6ab11dd931d6125835a47c25cd7c1c0470feb163ffe3c32c94eb1e45536"
                ),
                (
                    .dsaSHA256, 20,
                    "8dac399b31aea48b11b00ac7bc4f3761eba4f8726211d731939ae0dc6bf787e14230a699e3d81cf9"
                ),
                (
                    .dsaSHA3_224, 20,
                    "914159fd63e14c2478d5bae01262c510d89ce4d693286b1f58f26bd2e50b868f013597062bcbc64c"
                ),
                (
                    .dsaSHA3_256, 20,
                    "37d5d9a97f343e42c030012ab54d7e3bfd157c74006a732dbf5c1ee62dd4512e14b42e4f00b45050"
                ),
                (
                    .dsaSHA3_384, 20,
                    "32dbe0e7aca4f329feab1da52f7913f3523541c3605175b0915bd4deb8d4a7a3e287e43f4ee0c13e"
                ),
                (
                    .dsaSHA3_512, 20,
                    "294612b8dd1ad607a92125a7af012bbfcfb08b9c8b07be75eb9fce9512973043cb8a6bfcafca6f7b"
                ),
            ]
        ),
        (
            2048,
            [
                (
                    .dsaPrime,
                    "da71db3f1d5611a161342cf122ac9000c937cc770c503499977412f443024a4b522bfa357cfdeca767c805fab546e57a761db073eacc0148fe318cf3"
                        + "fd563880e9feeacc2173b5c09ca51e5d34cbebadea5839e358d1ffc67367c2ee758f9f4944b3cbe26e9a39e220746f4714ea0f2203644672acc4cc4d"
                        + "494b81ea054ef5e2015486b907cfe159a9451bc4ec878adaa9af9b00f8c1509a26d292673cab189f2fa2276759576111ae805e407ed71b120ba47bf0"
                        + "01aec278ad0b9317ccb6e6350535f8a3825c0d8ba1efe2b0a005dbf86305ba195ecdea54543a7308c054d55713dbd4ef1f2ad62dcad614a896e7a42f"
                        + "7f633cca8d9fd097765163c7a8323d13"
                ),
                (
                    .dsaSubprime,
                    "85719aff006dbd2aabcd33fd5e04e3dd041f8835ea2ef96e593763be76bed0e7"
                ),
                (
                    .dsaBase,
                    "8d0729e0914f09fd6de8f83d7cf6ed9aa27db8825321619cc627a2a6a80968cd12ed9eb3f2a4fa0498b97ab60fab31f43f9c5eb9abb836286fa7411b"
                        + "4dc06d24a9c8b8f70ceb29d463de56d4bb3a2cdd9f9f4845d36ffb033dda287768bde5cb90d3e921b4f8c0e443367578bc20e63a76ec9c2f87b3e1af"
                        + "9832b88fa53e9dc9cdcbac5d28f312fc59422f847228a3f60a2bfd1e850f43e6659fa056259d41b1f135dcb032fb13348d59e77c265548cd6320d531"
                        + "44d9cd0d5bc7899e845e88ddc60992c5b6c77b605d8977d19fa473f61ab4ab0e6f177ba182e2bd64d7dd5e535372d454d0a2000746243ad4365c8c95"
                        + "b621f86bc6578feb9ead54ce1f951142"
                ),
                (
                    .dsaPrivateValue,
                    "09720f4d445bcc1c6e60c9681242c731113968cdc580e675bca8dabac74a83f0"
                ),
                (
                    .dsaPublicValue,
                    "93892095e546f755c5245330b31faed292fbfa5a59c28ab167bb196e7de7d301b86f478cb654cb7cbaf682bf771b08144def12abe08a20e7c9ef213b"
                        + "94f8999b06b1c8b7ebf1d8ebff18073866f20df58b37ba90186b5a16ef33c67af3bda2d31337d2bca01303eaae235bcd4ceb3a797143aebf80828364"
                        + "c6357b72959237417f543f9a0033beb9a3d13668db421e7a35d58a0ccba18409364ec45a115a355126811fe26f478617fefc8ec93976b7ab3f75249f"
                        + "8b915292c4ef6fe3a8cd36283f9271bf20197f6af63cd5c613ba8b9916c24dd837186403adba3df31c7a1e38aaddacbce517b5484edb841f271e2499"
                        + "63747f5f4c0f4318d9a3b544af2a13dd"
                ),
            ],
            [
                (
                    .dsaSHA1, 20,
                    "0b19d4a5c1ae10fcc1a09878bd4d721ce866242bf27ac2aaee306ef7b930d137725b0139dbf408620dcb09d0b8ee6241790a370a1bfab2ebcca86d0a"
                        + "5d3bedce"
                ),
                (
                    .dsaSHA224, 28,
                    "2a83f232fbda3f5825de2fbadeea0d65ca48b2b46ce59505550f1a4cf2160ef32dd323125f13e7c07e84a6f49db84b1ca5b09845a759406e2ae2e0b0"
                        + "0484b70b"
                ),
                (
                    .dsaSHA256, 32,
                    "812248e5ef8e67ba9fb2108db8ead000d9153fa4588a697ff1c295fb466d7726760eb953fca9410cff103191fd62d4aefb86cf4c5b86befd94629f89"
                        + "80672821"
                ),
                (
                    .dsaSHA3_224, 28,
                    "7c91a81dea54cbb6842b83940a88696ed1e151ab9e58760704556678c47a1d764fc08dcd9a544cb1eff75bd6a36b1bf3c8db3a3dc2df83159381e23a"
                        + "93ae15db"
                ),
                (
                    .dsaSHA3_256, 32,
                    "660b53daa1cc5571f910425465a013daabf8b6c332e784fdc532c8702fcf606e29d551d1478455b7c6f34599a9b82628f79611f36d0442e5410e8231"
                        + "9d5efcd3"
                ),
                (
                    .dsaSHA3_384, 32,
                    "565243ac433a4ef15ce0d30fd9f53725c7adc4b302b58ed570781c5b60648a8d83c55bbff30a76ae294137fa0917c50e92e284d3205d9f467267231d"
                        + "dc792787"
                ),
                (
                    .dsaSHA3_512, 32,
                    "66b640bd0d658b2fb884355fae6674354d2e4510b1a20ffb0392a7d4cd127b5c3ae665a37a88d1118990c16480ab58098e5838f7d4c69840b950be51"
                        + "16684ad6"
                ),
            ]
        ),
    ]

    /// ECDSA: the curve, its key pair (x, y, private value), and signatures of digests `pattern(size)` of several algorithms.
    static let ecdsa: [(curve: EllipticCurve, x: String, y: String, d: String, signatures: [(TEEAlgorithm, String)])] = [
        (
            .nistP192,
            "1680f83f6bbdb6fcb9705568f6b7a3d2dcd77fdc07ed478a",
            "ff0281db41107ceeef80e1b4f8d9d85ef5deb152c53191f8",
            "24c1243fd98dcc1ac51138c431de25fbe6d35fcd5ea5579f",
            [
                (
                    .ecdsaSHA1,
                    "efb6bf48efa41cf94bcbc99fc7d28d380bb0bfcbc8668fe2a1170f2b90ba6fa15a6361e04f1291018e0aa59bc638bda5"
                ),
                (
                    .ecdsaSHA512,
                    "811945441fb80788d995ec5d8cbe95c44d737a377df2e9e260b26b4a7f8d330101ec65325c0fe729ba3244a4c6b6bc6d"
                ),
                (
                    .ecdsaSHA3_256,
                    "6b19b092b884c77a3b52c04a3a20d086302c0b6352d0ac0cf622b31f75ebd57ad18f0450babb31799b5a7acab99faf47"
                ),
            ]
        ),
        (
            .nistP224,
            "7b7e32d0215699ad79285177c73e8c8b84b489d8de129cdcae682404",
            "5e3c538d15f6e34b57a8aa28e47b05a958004c493c95a77922bb554b",
            "442d9f99f8400b1b841d26ab5e1a55af11cb3cbbbc264ef9db64c2f0",
            [
                (
                    .ecdsaSHA224,
                    "7a406c647e4d912588fd746a1d8f81d2de3b6f43ac77a0c191e9b7cfac5d751eecaefddba763afffb65dd902fc6904942faa89894cf9e4f5"
                ),
                (
                    .ecdsaSHA1,
                    "088d59cf8fa6428d83262ab353f50c8beaa5bbe7b92a385ce86a584e92bb423254ea59c898defc5549f133c4e9e228dd8aaaedec0fa03d91"
                ),
                (
                    .ecdsaSHA512,
                    "4812891f7e06838167b0d6e9ae579b904e21f687481e99893c353146a3fee6e2b0f27918f8369483190c3cd8337da6f52cec17536d823107"
                ),
                (
                    .ecdsaSHA3_256,
                    "148d9230fe3b2478a90fbcbe2eda7909267c883d17d762aa57fa71813d035a054c4f2f4976448eecb1af90d4a08f0078865d45746bebadc1"
                ),
            ]
        ),
        (
            .nistP256,
            "af2cd9cb0fca6985c1217e628609b7b04604c1ff49e1baf8bd315eb40a54a998",
            "18c82d2e80fd838c75ed5a607d4089e584f715d3ab9ec3d11f8b277dbbef7c1f",
            "9eccd8424e7f64a7ebfba56dbe8f0b93c8d9e06e09780714a8444e68de8f6f36",
            [
                (
                    .ecdsaSHA256,
                    "268e0afc609bd0719a82d91bd96e335ecb91a431d0ca99dbebbfb29f448955ffe9f86136add2e9dcf92b218fbb65c24a41d6fc656a65f017982938e9"
                        + "c944c0b9"
                ),
                (
                    .ecdsaSHA1,
                    "f26a49dd6a0b9599860fddbbddf2b35613f6af7f1a889178d15a5b80fd11ec663f19debaaaa1bc24a6fddaac50bc3b515e2ddb9a35aefef3acc507c4"
                        + "dd93f536"
                ),
                (
                    .ecdsaSHA512,
                    "cc99dd6266f9cc045c1031081c7055c947560a6954ed558f70920ea467fcea9f05b4cbd95606d2b4a914c33c35ade84f3cf330a091d6cfd43a5b0c9c"
                        + "3ba2369d"
                ),
                (
                    .ecdsaSHA3_256,
                    "b96c68bd25bb4b80466f3ada30bb9302c7bc140e41f4c706f4bf7ea1ef5e24f17f47582421a091bcdf452016fedb77b6fbd5965fe04bfac853daf8cb"
                        + "5665dbe3"
                ),
            ]
        ),
        (
            .nistP384,
            "83c023e9070acadd0be7150b2ce38c1bf5b9bf346e3e73a22113ed6d169ad3969b3bd6823f6926b363d45797c68ece54",
            "d67511bc8cb42b5594155d66c1365548a23f97d1f3c27aa9e1352c030eaa1f4e2844ed87d7780fa1e9d8465ee92248d5",
            "fbe92623b501dc0e3a55ec663e63938b7e20e5bc456e5ae123e2b480b5984a861a9989c6c3f71af61f9db25916a8fcf9",
            [
                (
                    .ecdsaSHA384,
                    "a8e9411d8c0dc1f6b8ebe2bff08ea7e4a68ceb47c2f204d193f667a8eac123bbf434821bc6359402c106c5a0a3ae46d5d882e8a0d885c63b8f2abcb0"
                        + "1dc5e1e02c00341da6fb0b68dd6b105de4dd1b31066838c339150e27babea70df4bb3dea"
                ),
                (
                    .ecdsaSHA1,
                    "78fd98a4561ddf2adb33e0756179bbbbeaf92a96fba7205a0371f15476246f269585ff4ff0f1aa9d65723b9c2605f9ad9377805fd0359b8786366160"
                        + "0902e8c160d1ef2fee622fbead8af5ea3a3a4af2ad136b3708e883c7388029fe7dfa5a6d"
                ),
                (
                    .ecdsaSHA512,
                    "76d65a09c1e1ac0875b44a3f22557018ed7f6dc8e736f265688594fd1ebe798aba2ccdc8ca1ad74e12db0a02428b1b06e13dbf1d4df28cab272fd05e"
                        + "21ec956c8cf72e575c6869d6af729a11ff6bec5d7d8b2092004e292d8d895d517f0bb403"
                ),
                (
                    .ecdsaSHA3_256,
                    "9cfcd77f394c4427eb6cb31d74fca0c221b4a8898c2d4560c6202c963b86f48d78fe0e2c4721a0d5f0e04f5e97f418b79555be534059268642a3d474"
                        + "0e7e443698fb3c36bde9e3944efb4e618d330a0a918eaaef25a1dc1df2177779c59459a1"
                ),
            ]
        ),
        (
            .nistP521,
            "019c473a7619249b50cb74d5cfabe6bbff2b49b8b9b45479a03f655e26d70510bd115da0efcfca14093be644052dc63b8d29a474d47c28625e322d6d"
                + "a58d9b202c78",
            "6b9681bca40c4cd7c4fe088e9dd25fb9b7453f625d6e7eaa79fc409ba5e9b60465226c78d0a0f4c3609ca59c6304bc0740cb85ad88ecdac57a70774d"
                + "f95f21ce14",
            "0159f3db84885dd47815d2c22f0d1ee58c6b6177b8d3510607da595fbcb72d81cf1c6427e872a70e8fce0f2185fd13669eda20ae3c053a15eb5cd2fa"
                + "b3d76bd1292b",
            [
                (
                    .ecdsaSHA512,
                    "00ff37d507810cd85a95890339f75dd875e022e2d1cc534bab42129df17051c9c550d09e90374abe3673310abfbe24f287f21bb48022e8cf5615ba5a"
                        + "1a1dc701be59015f95c000bb6f7ed301ff40d4613d65b0b9ee26524513c73bf981e911d9c73426f71caccf7e6e336a73b4eefaceac466768f22f7555"
                        + "bbe947ac15f08811b949781a"
                ),
                (
                    .ecdsaSHA1,
                    "01ad757e0156654638142257b7a31fc0dc5330c744b0de443ad97cff5beebadf46a8e32703e729db62486a992b3eb21960a349cd34647d7117bef76e"
                        + "a3be65900c4300d6f341f65fac7d395dc682c84bd3ca41c27f838f031f7809f662356f40737f661370216ad18073ee7dd91dba8d1cbb7978131b8f3b"
                        + "f28e105780970ef9023d39ef"
                ),
                (
                    .ecdsaSHA3_256,
                    "01234516ffc16b952a16752d94a7d81b8f5ce4f7c828b2f26d8ef7139b9a8690fe8a54887706f55c60b8ba99b63f7b5067c2e787310a5af137716de7"
                        + "8360ce03070a00d16540e0861d17414aad4079c5e2f12e5e311d7a390044a22113902515d32f0946f3434679d7d0005a6a563d7c3855e07509e575c7"
                        + "9eb1d7e005fd5343d2fdb050"
                ),
            ]
        ),
    ]

    /// Edwards curves: the algorithm, private and public value, and the signature of `pattern(count)`.
    static let edwards: [(TEEAlgorithm, privateValue: String, publicValue: String, count: Int, String)] = [
        (
            .ed25519,
            "000b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd08131e29343f4a55",
            "107fd89125f187fcc7f4de015151d0ad62bef6fcc20fb43aaf6771fcb35722b3",
            0,
            "14b4bcf5256aa6f70d0f25cda7a703598ffda91270ecf8f3d598bd12414482348d4c4fd6dcba5506d6e8c81adb08c5f74d9a17768758796884773977"
                + "04ac3c00"
        ),
        (
            .ed25519,
            "010c17222d38434e59646f7a85909ba6b1bcc7d2dde8f3fe09141f2a35404b56",
            "37c693ae232932b0dd581e1b2a93fd35446b8e438a3efb47bd669d92367a7224",
            300,
            "6a9c1cc44df806669b563f6a9d35f4805b40907e8b2a154238362cbf78a29876cb938c3c9e5977629cf8eb9fd63fb615bdb42dde2a3ad0580a8b05bd"
                + "a5b17f03"
        ),
        (
            .ed448,
            "000b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd08131e29343f4a55606b76818c97a2adb8c3ced9e4effa05101b26313c47525d68",
            "e9228aad6ff211d6d8945dfa7031d79e704edc48c61472dcf353ecd21c1e0cd5c3d75efe9b9dd95fa31c8192cbdc0b3c69d5bf887ad6277d80",
            0,
            "3c4902a30c6e1dbdc6cc1380edd723afdec1056863ccabacbab5153376ec993fc22f6b33fb682feb8becb88e3aebdee4a81eb9a0cd050c82004911c6"
                + "ec67886bc3f9f69ae70a871e130a321ccdc5deebfa15b50e6d62331461847438324cc09d45cdb40baa2a909198bfd8820b94d07d1100"
        ),
        (
            .ed448,
            "010c17222d38434e59646f7a85909ba6b1bcc7d2dde8f3fe09141f2a35404b56616c77828d98a3aeb9c4cfdae5f0fb06111c27323d48535e69",
            "1ba0b6c2ac7142d38ca5e8aead32e746ad2f07b23832289c104da1d3d50cdfe73fa440ddc99772498c4834d0b5638a2aceb1f3dabe46956c80",
            300,
            "85901dc0659c3ee21280d55b5b1d5c6e79c849734f6f8dd9d2e5df861e4df6abc1a2f29e3d0c1c0842ce52a222700c130025a0077dbe621500c878e7"
                + "1df7582a727528904886f6b0690b3f93d2d85003ad782299af29c832ddaba1e12d3f664be94a7307ff7e67d1413f1423afa306db2500"
        ),
    ]
}
