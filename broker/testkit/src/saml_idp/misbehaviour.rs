//! Everything that the identity provider can do wrong, one variant a fault.

/// One fault; see [`super::FakeSamlIdp::misbehave`]. Faults may be combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Another `Issuer` in response and assertion.
    WrongIssuer,
    /// Another `Issuer` in the response only.
    WrongResponseIssuer,
    /// Another `Audience`.
    WrongAudience,
    /// A second AudienceRestriction that does not name the service provider (all must).
    SecondAudienceRestriction,
    /// No AudienceRestriction.
    NoAudience,
    /// Another `Recipient`.
    WrongRecipient,
    /// Another `Destination`.
    WrongDestination,
    /// No `Destination`.
    NoDestination,
    /// `InResponseTo` names a request that nobody sent.
    WrongInResponseTo,
    /// `InResponseTo` of the subject confirmation alone names a request that nobody sent.
    WrongInResponseToInside,
    /// No `InResponseTo`, though there was a request.
    NoInResponseTo,
    /// Everything ended an hour ago.
    Expired,
    /// Only the subject confirmation ended an hour ago.
    ConfirmationExpired,
    /// `NotBefore` in an hour.
    NotYetValid,
    /// `IssueInstant` in an hour.
    IssuedInFuture,
    /// No Conditions.
    NoConditions,
    /// Conditions without `NotOnOrAfter`.
    NoEnd,
    /// A condition that nobody understands.
    UnknownCondition,
    /// `Version` 1.1 in the assertion.
    WrongVersion,
    /// No Subject.
    NoSubject,
    /// A confirmation of another method than bearer.
    SenderVouches,
    /// A bearer confirmation with `NotBefore`, which the profile forbids (SAML Profiles 4.1.4.2).
    ConfirmationNotBefore,
    /// No AuthnStatement.
    NoAuthnStatement,
    /// An empty NameID.
    EmptyNameId,
    /// `SessionNotOnOrAfter` an hour ago.
    SessionEnded,
    /// The person authenticated a day ago, whatever `ForceAuthn` said.
    StaleAuthnInstant,
    /// Another authentication context than the requested one.
    OtherAuthnContext,
    /// More than 300 attributes.
    ManyAttributes,
    /// One byte of the signature turned.
    BadSignature,
    /// Signed by a key that the metadata does not name; KeyInfo offers its certificate.
    ForeignKey,
    /// The NameID is replaced after signing.
    TamperedNameId,
    /// The assertion's ID is another after signing.
    TamperedId,
    /// An unsigned assertion for somebody else before the signed one.
    SecondAssertionBefore,
    /// An unsigned assertion for somebody else after the signed one.
    SecondAssertionAfter,
    /// The same with the same `ID`.
    DuplicateId,
    /// The signed assertion inside an unsigned one for somebody else, whose signature refers to it.
    WrappedAssertion,
    /// The assertion holds another one in `Advice`; signed with it.
    AssertionInAdvice,
    /// No assertion under a status of success.
    NoAssertion,
    /// A comment splits the NameID; put in after signing.
    CommentInNameId,
    /// A processing instruction splits the NameID; signed with it.
    InstructionInNameId,
    /// A document type before the root.
    DocumentType,
    /// A document type with an entity.
    Entity,
    /// A second root element.
    TrailingRoot,
    /// A response of 2 MiB.
    HugeResponse,
    /// Not base64.
    NotBase64,
    /// An element inside an attribute value; must be accepted (eduPersonTargetedID).
    ElementInAttributeValue,
    /// The last response once more.
    Replay,
    /// The assertion's `ID` is always the same.
    FixedAssertionId,
    /// `RelayState` is left out.
    NoRelayState,
    /// Another `RelayState`.
    OtherRelayState,
    /// The response goes to this address, its contents are as before.
    SentTo(String),
    /// Metadata: status 503.
    MetadataDown,
    /// Metadata: a redirect to this URL.
    MetadataRedirect(String),
    /// Metadata: an HTML page.
    MetadataNotXml,
    /// Metadata: 12 MiB.
    MetadataHuge,
    /// Metadata: another entity id.
    MetadataOtherEntity,
    /// Metadata: no signing certificate.
    MetadataWithoutCertificate,
    /// Metadata: the entity inside an EntitiesDescriptor with another one.
    MetadataAggregate,
    /// Logout messages are unsigned.
    LogoutUnsigned,
    /// Logout messages are signed by a key that the metadata does not name.
    LogoutForeignKey,
    /// The logout request ended an hour ago.
    LogoutExpired,
    /// Logout responses carry this outer status instead of success, for example `Responder`.
    LogoutStatus(String),
    /// Logout responses answer a request that nobody sent.
    LogoutWrongInResponseTo,
    /// The logout endpoint takes a request and answers with status 503.
    LogoutDown,
}
