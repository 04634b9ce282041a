import Testing

@testable import SecureWorld

/// SM2's key exchange with the example of GB/T 32918.5, annex B.
@Suite struct DerivationSM2Tests {
    private struct Side {
        let long: CryptoObject
        let ephemeral: CryptoObject

        func publicValues(_ x: TEEAttributeID = .eccEphemeralPublicValueX, _ y: TEEAttributeID = .eccEphemeralPublicValueY) throws -> [TEEAttribute] {
            [
                .buffer(.eccPublicValueX, try KeyMaterial.bytes(long.hex(.eccPublicValueX))),
                .buffer(.eccPublicValueY, try KeyMaterial.bytes(long.hex(.eccPublicValueY))),
                .buffer(x, try KeyMaterial.bytes(ephemeral.hex(.eccPublicValueX))), .buffer(y, try KeyMaterial.bytes(ephemeral.hex(.eccPublicValueY))),
            ]
        }
    }

    private let initiator: Side
    private let responder: Side
    private static let key = "6c89347354de2484c60b4ab1fde4c6e5"
    private static let initiatorProof = KeyMaterial.bytes("18C7894B3816DF16CF07B05C5EC0BEF5D655D58F779CC1B400A4F3884644DB88")
    private static let responderProof = KeyMaterial.bytes("D3A0FE15DEE185CEAE907A6B595CC32A266ED7B3367E9983A896DC32FA20F8EB")

    init() throws {
        func key(_ d: String, _ x: String, _ y: String) throws -> CryptoObject { try KeyMaterial.curveKey(.sm2KEPKeyPair, .sm2, x: x, y: y, d: d) }
        initiator = Side(
            long: try key(
                "81EB26E941BB5AF16DF116495F90695272AE2CD63D6C4AE1678418BE48230029", "160E12897DF4EDB61DD812FEB96748FBD3CCF4FFE26AA6F6DB9540AF49C94232",
                "4A7DAD08BB9A459531694BEB20AA489D6649975E1BFCF8C4741B78B4B223007F"),
            ephemeral: try key(
                "D4DE15474DB74D06491C440D305E012400990F3E390C7E87153C12DB2EA60BB3", "64CED1BDBC99D590049B434D0FD73428CF608A5DB8FE5CE07F15026940BAE40E",
                "376629C7AB21E7DB260922499DDB118F07CE8EAAE3E7720AFEF6A5CC062070C0"))
        responder = Side(
            long: try key(
                "785129917D45A9EA5437A59356B82338EAADDA6CEB199088F14AE10DEFA229B5", "6AE848C57C53C7B1B5FA99EB2286AF078BA64C64591B8B566F7357D576F16DFB",
                "EE489D771621A27B36C5C7992062E9CD09A9264386F3FBEA54DFF69305621C4D"),
            ephemeral: try key(
                "7E07124814B309489125EAED101113164EBF0F3458C5BD88335C1F9D596243D6", "ACC27688A6F7B706098BC91FF3AD1BFF7DC2802CDB14CCCCDB0A90471F9BD707",
                "2FEDAC0494B2FFC4D6853876C79B8F301C6573AD0AA50F39FC87181E1A1B46FE"))
    }

    private static let identities: [TEEAttribute] = [
        .buffer(.sm2InitiatorID, Array("1234567812345678".utf8)), .buffer(.sm2ResponderID, Array("1234567812345678".utf8)),
    ]

    private func derive(_ own: Side, _ parameters: [TEEAttribute], user: UInt32) throws -> (String, [UInt8]?) {
        let target = try CryptoObject(type: .genericSecret, maximumKeySize: 16)
        let outcome = try KeyDerivation(.sm2KEP, key: own.long, secondKey: own.ephemeral)
            .derive([.value(.sm2KEPUser, user, 0)] + Self.identities + parameters, into: target)
        return (try target.hex(.secretValue), outcome.confirmation)
    }

    @Test func bothSidesAgreeOnTheStandardsKeyAndProofs() throws {
        let room = TEEAttribute.buffer(.sm2KEPConfirmationOut, [UInt8](repeating: 0, count: 32))
        let first = try derive(initiator, responder.publicValues() + [room, .buffer(.sm2KEPConfirmationIn, Self.responderProof)], user: 0)
        #expect(first.0 == Self.key)
        #expect(first.1 == Self.initiatorProof)
        let second = try derive(responder, initiator.publicValues() + [room, .buffer(.sm2KEPConfirmationIn, Self.initiatorProof)], user: 1)
        #expect(second.0 == Self.key)
        #expect(second.1 == Self.responderProof)
    }

    @Test func opteesFirstIdentifiersOfTheEphemeralKeyMeanTheSame() throws {
        let old = try responder.publicValues(TEEAttributeID(rawValue: 0xd000_0946), TEEAttributeID(rawValue: 0xd000_0a46))
        #expect(try derive(initiator, old, user: 0).0 == Self.key)
    }

    @Test func aWrongProofIsABadState() throws {
        #expect(throws: TEEResult.badState) {
            try derive(initiator, responder.publicValues() + [.buffer(.sm2KEPConfirmationIn, Self.initiatorProof)], user: 0)
        }
    }

    @Test func whatIsMissingTooShortOrOffTheCurveIsABadParameter() throws {
        let peer = try responder.publicValues()
        for index in peer.indices {
            var less = peer
            less.remove(at: index)
            #expect(throws: TEEResult.badParameters) { try derive(initiator, less, user: 0) }
            var off = peer
            off[index] = .buffer(peer[index].id, [1])
            #expect(throws: TEEResult.badParameters) { try derive(initiator, off, user: 0) }
        }
        for id in [TEEAttributeID.sm2KEPConfirmationIn, .sm2KEPConfirmationOut] {
            #expect(throws: TEEResult.badParameters) { try derive(initiator, peer + [.buffer(id, [UInt8](repeating: 0, count: 31))], user: 0) }
        }
        #expect(throws: TEEResult.badParameters) { try derive(initiator, peer + [.buffer(.secretValue, [])], user: 0) }
        #expect(throws: TEEResult.badParameters) { try derive(initiator, peer + [.buffer(.sm2ResponderID, [UInt8](repeating: 0, count: 0x2000))], user: 0) }
        let target = try CryptoObject(type: .genericSecret, maximumKeySize: 16)
        let alone = KeyDerivation(.sm2KEP, key: initiator.long)
        #expect(throws: TEEResult.badParameters) { try alone.derive([.value(.sm2KEPUser, 0, 0)] + peer + Self.identities, into: target) }
    }
}
