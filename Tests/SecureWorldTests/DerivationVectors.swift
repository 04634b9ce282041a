// Values of pyca/cryptography and of Python's hashlib and pow.
@testable import SecureWorld

enum DerivationVectors {
    /// ECDH: the curve, own private value and public point, the peer's point, and the secret.
    static let ecdh: [(curve: EllipticCurve, d: String, x: String, y: String, peerX: String, peerY: String, String)] = [
        (
            .nistP192,
            "24c1243fd98dcc1ac51138c431de25fbe6d35fcd5ea5579f",
            "1680f83f6bbdb6fcb9705568f6b7a3d2dcd77fdc07ed478a",
            "ff0281db41107ceeef80e1b4f8d9d85ef5deb152c53191f8",
            "973d49fe4dd7939840efeb45f5475c1d100ac7d1e6462db2",
            "e8b2164ce627e59f329acaa8bd41c8b33a3271841ca0e1d8",
            "d411811697ccacea0368cb3694d1683c49bfd0bfba39d541"
        ),
        (
            .nistP224,
            "442d9f99f8400b1b841d26ab5e1a55af11cb3cbbbc264ef9db64c2f0",
            "7b7e32d0215699ad79285177c73e8c8b84b489d8de129cdcae682404",
            "5e3c538d15f6e34b57a8aa28e47b05a958004c493c95a77922bb554b",
            "9b1224642b0ebb12226b71fd5354e59b5ae3873739e9adc9e97b47e5",
            "71164cfd98f4611fe5063dfd1fece48f4a3fccac938101d98e826f74",
            "9fbdd65478f740eee0cb9cda791c7a0750500ed6f1dc2bfeb4843c12"
        ),
        (
            .nistP256,
            "9eccd8424e7f64a7ebfba56dbe8f0b93c8d9e06e09780714a8444e68de8f6f36",
            "af2cd9cb0fca6985c1217e628609b7b04604c1ff49e1baf8bd315eb40a54a998",
            "18c82d2e80fd838c75ed5a607d4089e584f715d3ab9ec3d11f8b277dbbef7c1f",
            "75f0f9c4716c9eab06b18ad20b08cac588ef703aa993068017a6c9431407496e",
            "51d09fd5c1b3c6830c4b9f7781f17a2906b1263c5c1f055c4f1ac4ade2007807",
            "42340b1db12a5ed847a2ca95edfb30b515e4587eb23731668ee0b26e4fea449b"
        ),
        (
            .nistP384,
            "fbe92623b501dc0e3a55ec663e63938b7e20e5bc456e5ae123e2b480b5984a861a9989c6c3f71af61f9db25916a8fcf9",
            "83c023e9070acadd0be7150b2ce38c1bf5b9bf346e3e73a22113ed6d169ad3969b3bd6823f6926b363d45797c68ece54",
            "d67511bc8cb42b5594155d66c1365548a23f97d1f3c27aa9e1352c030eaa1f4e2844ed87d7780fa1e9d8465ee92248d5",
            "4415adc78c5ed486d83c0c773dcc12263c06c6665c12dc2ed8e540f9ad8aa86a072869c2e357579d787d069710f965c0",
            "7d2952cdf861f09b5a904fb0887f469178fd171ef0cbf19d062a901fde7f5b0c1eeb81de6a38e6622b218378a5b8bf36",
            "d52ceac03aefc8e3310cbb0a678ca0c22bc3fa09d4bedc2f2306658a60b5bd05ad4a53ac61eaa335bd6c1a168c6ac7c8"
        ),
        (
            .nistP521,
            "0159f3db84885dd47815d2c22f0d1ee58c6b6177b8d3510607da595fbcb72d81cf1c6427e872a70e8fce0f2185fd13669eda20ae3c053a15eb5cd2fa"
                + "b3d76bd1292b",
            "019c473a7619249b50cb74d5cfabe6bbff2b49b8b9b45479a03f655e26d70510bd115da0efcfca14093be644052dc63b8d29a474d47c28625e322d6d"
                + "a58d9b202c78",
            "6b9681bca40c4cd7c4fe088e9dd25fb9b7453f625d6e7eaa79fc409ba5e9b60465226c78d0a0f4c3609ca59c6304bc0740cb85ad88ecdac57a70774d"
                + "f95f21ce14",
            "7d53db65b73a3c83a5f50843010718054d20ca6bed2e7471dd7b0450cb050e10a39341e23e5bc0246902a8768a80c6b44d387ef723a4c47d703827f7"
                + "46ceb1e3d7",
            "ba17bdd293a5700fd8614ce624d4590ed4b25ad8f628a6cb694ebb5ec990c1ae2942b079908b1979f074c4126e1b8f5ff6617dee703e0d5ad4e2e6de"
                + "94634202e4",
            "00c1e04493250eac4bb193e4805c1d4142402d3d5df07124fba656c4f23f8926bce08ad4dd62c3ff52e46ea9825843e07bb3d5a7c7c89225470f2b96"
                + "8c52d309b903"
        ),
    ]

    /// Diffie-Hellman in the group of RFC 2409, 6.2: prime, private and public value, the peer's public value, the secret.
    static let dh: (p: String, x: String, y: String, peer: String, secret: String) = (
        "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6d"
            + "f25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381"
            + "ffffffffffffffff",
        "030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff060d14",
        "43ac8348ebb381d7b038de5ea46042e57309a552ed96ad954056138c77724785b063dedce441b58ba27de9468b8e0811b3d4178be6f8833b1c7a2123"
            + "6438750116652b94ec2914ac6de1aad8d86766349d09ca9be2d1ae952a8b4734f5c51071b128e9cf149b4664729a62f3a8be1e172c288dc6734facc9"
            + "7f83a08983f5340e",
        "dba4d8909e55e99f72bcc40eab7a30d791f6c2f8773649d80cd1fbe3b4dd15b2aa94bb0711ff93658cc0fc2aa1c94f769feeb9f177e34cc84deb3de5"
            + "b4c671b96ed288823160cdc6bdf303eaffd5757206b3bd2cb40438ef713e0a7a15e3382546c1876b89d61ff530629653014fd06a8479096ef0905a33"
            + "e5fb2c754a60611b",
        "14168cec1f23fa5c19f7ced689fc4ec307925b5deef84b3490d805156c95c44299cd5e0979a32604ab4aa8f0f9313a1316a2de07cfce89e41c59aab3"
            + "2c4ae64501f8b2963b1a65f468af8af3f03776323e1b2b8d3c844c9cb06b2a350e9b47b538df6b74c00e206eaadc314a88827bd06877aa773b686d50"
            + "4610c6df67ae1dce"
    )

    /// HKDF of `pattern(ikm)` with salt and info of `pattern`.
    static let hkdf: [(TEEAlgorithm, digest: TEEAlgorithm, ikm: Int, salt: Int, info: Int, length: Int, String)] = [
        (
            .hkdfMD5, .md5, 22, 13, 10, 42,
            "6d9472e9d9e211eceedba0d1055246caf06a77d516f581f243214315f6f8dc9ebc4bc4050554a0c8727f"
        ),
        (
            .hkdfMD5, .md5, 80, 0, 0, 100,
            "569f703557f49767aff4d3284449b99fd10cfde08966fd81d8b444de46e8162cc2743f6dab2e50a76ee1bc640387a5cfa948d37053f99e3b0f6f3774"
                + "d104d26ea5f7858128faea45a4a121209844aaee54e997bb7c7f3ee40661156a7f2af52e560880e8"
        ),
        (
            .hkdfSHA1, .sha1, 22, 13, 10, 42,
            "6a382827a24ba78429e08447147b98467a73f5b9704b7b36456b46655c7958610390dc43abd58bc16a8a"
        ),
        (
            .hkdfSHA1, .sha1, 80, 0, 0, 100,
            "f8bcb8be338597afcda2d7c8f93327cc5f6d859c2d50226c4c953eec6f0784937f195307ffd4f68adc96769e23d51cc8b83bb510874aaf70cf9524c8"
                + "ea22fddf644e37a7de3447b716e74415a6093785b7ed4617c8e8ba6c9db4ac49c71e7dd5947a30c8"
        ),
        (
            .hkdfSHA224, .sha224, 22, 13, 10, 42,
            "f15b50189510b9f47dcc75e883934dac8a4ecbcf09e5f8e9d48c29da41b89744c1e0404ca7d3b3a92603"
        ),
        (
            .hkdfSHA224, .sha224, 80, 0, 0, 100,
            "5611784145ccda387e88a5fb060fcef996e4d0573f3e7a5cef88382608b1a74c6f13355f6802cd85a38c046e1f2b2d9e541d9775b700ae0b0875bf8a"
                + "cf044690683936c716b12e988eb4a89402f4dfb6362be00b16c0bdd440cfce6f4b24cba57236e5bf"
        ),
        (
            .hkdfSHA256, .sha256, 22, 13, 10, 42,
            "8f608b2047d7af69296160545fc83d665f46fc9dd98ae63842d71165588431569bf3f87bd4e89427e98f"
        ),
        (
            .hkdfSHA256, .sha256, 80, 0, 0, 100,
            "21996830178db510a704eaf0c792910688159d0e53c92b832b5c7dcaec48a5374035284510fabe606ee271bb9e8b425c278cbf2fd010f323a0c5f223"
                + "f3ba22fb399a4aa23882b17532a363249d62ccccd4c64c41b3aaecc4725d9f039d4f60af126e83fe"
        ),
        (
            .hkdfSHA384, .sha384, 22, 13, 10, 42,
            "7d04052a9a54fcffecf5a73814cb5e1e0717795b17aa4ad5ce60bdc99f5b2886ad9219661b19336a03c0"
        ),
        (
            .hkdfSHA384, .sha384, 80, 0, 0, 100,
            "bb7674bfd5ad16c22a8932a1289e344951e9fa40d781118e83c8ce00494dd15674e43a2c1ef9dff56dd16f0b21ab41dae85964f1db6ea4e0d4d71410"
                + "a71bb5d51abaf7e878e32e9bf9bf67d65898c0f0b7bf42cf3fcb203b9416a8687f2fa3d9f5bac842"
        ),
        (
            .hkdfSHA512, .sha512, 22, 13, 10, 42,
            "4b6c5745f416ea609b6020881fbfb5560a131319ee7d4fa9b54f9b7213f9f11c5a1e4eb1d4e9efce9b23"
        ),
        (
            .hkdfSHA512, .sha512, 80, 0, 0, 100,
            "9e14a718be7bf1765ddc2124896bcfb9db3cbc8314e8eb8b65e450c1458bb9109ee3e398cc8eccc27044daeb4a8418dbaf5f101cb8019ed11df9f607"
                + "0b00f130e59d4d150b7eddd8b5f017529fd0531e2404f3ed24313e03e640650c72a700e34ee418a3"
        ),
    ]

    /// Concatenation KDF of `pattern(z)` with other information of `pattern`.
    static let concatKDF: [(TEEAlgorithm, z: Int, info: Int, length: Int, String)] = [
        (
            .concatKDFSHA1, 32, 20, 24,
            "2fa213789ae39f9a11fe739c155cf97b2ce637283ab29428"
        ),
        (
            .concatKDFSHA1, 66, 0, 150,
            "41942dee0bac3f56f37191cf843baeb95388b03331d2a83613f0320f4a8878051ae3b5cc8fa2b97dfd8a962912b9d73659663ae648afcdfcf14193bc"
                + "4fd636ffe2c581261ebbee17989ca1a4004af96caadc866d894f480709931386918f248b20c68fa7e4745b59a4fea4dccf6a4b90ff2195fdb2928d57"
                + "7aa8d7575e02b847c8aeab2b7ceb0d49bf8aff3d3335423440112fa80be1"
        ),
        (
            .concatKDFSHA224, 32, 20, 24,
            "d0c708fb1f3efaba5a8cf7424cae418b4462157c818b11ec"
        ),
        (
            .concatKDFSHA224, 66, 0, 150,
            "2dc6f7f1d019add445e8bfdf0e3d4499d8041909abcaf62803c4774b3ecb477acd21784c8114fdfc87e7003279edaf3832e80134b63d0954d18bad86"
                + "550fe808e8459309c016981a957b35d99d13138a8edef5e7b9799bb4b2f3c0b09040ce650be939566b9403575e468803cb13c420b42c77698f3b5470"
                + "3601e565c3da73ad75b3d140ea67f191dd025d3b63470a00a88f91092105"
        ),
        (
            .concatKDFSHA256, 32, 20, 24,
            "a4396f7b9695d35e43f265e38c7aa38f8e571f47489db0e3"
        ),
        (
            .concatKDFSHA256, 66, 0, 150,
            "53067af80cfc270b1001af38d8fdf28e96c52fc4fd5a49d87b158d712ebfccbe94d122f8e1a8dc4cee4ecd49de11157c2e96a542ee4fdb75b2c0c93a"
                + "eff39d9ee74cb294a1d3dd159be0870571ac2f06a7958a45b3a7977a8993a0e481dcad1317f21a98956428890b95862eb051653841210280944a4fae"
                + "86b8657db7e8ce16a879a691e156e1d9cf039b9faebcac06faf4720c6579"
        ),
        (
            .concatKDFSHA384, 32, 20, 24,
            "33aedac72311b67b0352841da6af6b8bc4b2924c23e0506f"
        ),
        (
            .concatKDFSHA384, 66, 0, 150,
            "f2dc4068ed5aa9004d9a64aeabbe26defd6462cbc975523c6329873c57c40ac7dd9759d2074e3b4e820e10755071e0a97c0d8261ab1db69b10b5b454"
                + "6664639218e1e8e41459f7bc714426aa3c1d5f1163822a83539f3977f85301c97645f99d035813d98bc247f9966d6e1a151da2ab937dead22feae94c"
                + "d3380f0d697b365260c916aef9efb07f2cf064a1c58a8fa44a6b8c24401d"
        ),
        (
            .concatKDFSHA512, 32, 20, 24,
            "04ca1015132335c5bc54734fe4d83c93b82d0a34c107b5d2"
        ),
        (
            .concatKDFSHA512, 66, 0, 150,
            "aa5c3897a0b5f1c9350e12a5362a394e31c81f1d8e292ed67c524ccc3fb5e125425db39de45219f9ab55e0f8b7234966b6445852eff66dfd9627435a"
                + "268cd3783999545518bd0ace0b340ca05e9ae2294d004d16f7cea5414c9c6b1a2eb074ca3292457137199a798ba8cc4b81d1d65f9a963aa09819c061"
                + "d088e0ecbef911fa9d8513ff9180ff665b75ad80df8b18cec3b0655672e7"
        ),
    ]

    /// PBKDF2 of the password `pattern(password)`; the algorithm is its number.
    static let pbkdf2: [(algorithm: UInt32, password: Int, salt: Int, iterations: UInt32, length: Int, String)] = [
        (
            0x8000_20c2, 8, 4, 1, 20,
            "d1321d2e889cdd40b6b0d1b48795ff115f2333ac"
        ),
        (
            0x8000_20c2, 0, 16, 100, 70,
            "75f1170715d649cd5949bccfc918140647c05b9f2ddc3c2250848caadcbdf4d339b8d4e58a8af9f3bf243f716e313be1a60c52629f2d6a2af033eb9e"
                + "e8d24a7775a97398fbbe"
        ),
        (
            0x8000_30c2, 8, 4, 1, 20,
            "2a2778aa2ecfc2ba8db39edb989b0e45502fac21"
        ),
        (
            0x8000_30c2, 0, 16, 100, 70,
            "2920d4b52b9c4cad7e5524d74007d1e13e4f16d1c33df6f68d5735918124d4b503f5c1cd820e93a5871ce14ad74409534ac001d7a2dec4e4c74e8d10"
                + "7191dcc1bc81d520a0fc"
        ),
        (
            0x8000_40c2, 8, 4, 1, 20,
            "5cc698a165e6623050a25919ebae8419b0352500"
        ),
        (
            0x8000_40c2, 0, 16, 100, 70,
            "b870cc465fd572e2554c4909080321df4c4e1ebd7893ed9e644a8123f5ede830b9fa9eab0d57dc6bb9c71448d63ddcb38e5e29aba8a6440f907a2fc2"
                + "73bfde4e13ec464557da"
        ),
        (
            0x8000_50c2, 8, 4, 1, 20,
            "6584c789036641c2979fcf9d942f19dd72a63449"
        ),
        (
            0x8000_50c2, 0, 16, 100, 70,
            "882330dfb981d966a92bb53e2521e849cea2d9b0e2219137147e2452a73f7a591c78e2679c65b2115b53dbd8b9871ea9133be0d5a08100f748cb36c4"
                + "d4196eeedc548682f706"
        ),
        (
            0x8000_60c2, 8, 4, 1, 20,
            "5abd0988d6d6c4f516707b985579bcdbc25b3b8a"
        ),
        (
            0x8000_60c2, 0, 16, 100, 70,
            "d9a1ec6c47367d84e9208cdd95e8b755a7d2699d4beef16692b008bb5e02ec6d868d4493a838f96fa326f6c497da3d515d9a211fb3ca869ac8b589a8"
                + "a7ff00389c1966cc08fd"
        ),
    ]
}
