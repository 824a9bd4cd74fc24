"""A copy of the exchange's registry, nothing of it believed unchecked: section 7.4."""

import json
import struct

import certificates
import crypto
import der
import notes
import wire


class Registry:
    def __init__(self, fingerprint):
        """`fingerprint`: of the authority, as the invitation has it."""
        self.fingerprint = fingerprint
        self.entries = []
        self.authority = None
        self.signing = {}       # node: its signing certificates, oldest first
        self.sealing = {}       # node: its sealing certificates, oldest first
        self.listings = {}      # (publisher, service): Listing
        self.revocations = None
        self.log_keys = []      # what changes of the logs' key say: LogKey, in their order
        self.doubted = []       # (index, why): entries that were not believed

    def add(self, first, entries):
        """Takes entries that begin at `first`; False if some before them are missing."""
        if first > len(self.entries):
            return False
        for entry in entries[len(self.entries) - first:]:
            try:
                self._believe(entry["kind"], entry["body"])
            except (certificates.Unfit, der.Malformed, wire.Unreadable, KeyError) as problem:
                self.doubted.append((len(self.entries), f"{entry['kind']}: {problem}"))
            self.entries.append(entry)
        return True

    def _believe(self, kind, body):
        if kind == "authority":
            if crypto.sha256(body) != self.fingerprint:
                raise certificates.Unfit("not the authority of the invitation")
            self.authority = certificates.authority(body)
        elif kind == "signingCertificate":
            issued = wire.decode("registry.IssuedCertificate", body)
            found = certificates.signing(issued["certificate"], self.authority)
            # An unproven change of key is not followed before a person confirms it (or a day has
            # passed, which no check waits for).
            found.followed = not self.signing.get(found.node) or (
                issued["reason"] == "renewed" and self._wanted(issued, found))
            self.signing.setdefault(found.node, []).append(found)
        elif kind == "sealingCertificate":
            node = certificates.Certificate(body).node
            found = self._sealing(body, node)
            self.sealing.setdefault(node, []).append(found)
        elif kind == "revocationList":
            found = certificates.RevocationList(body, self.authority)
            if self.revocations and found.number <= self.revocations.number:
                raise certificates.Unfit("a list older than the one known")
            self.revocations = found
        elif kind == "logKey":
            self._log_key(wire.decode("registry.LogKey", body))
        elif kind == "listing":
            self._list(wire.decode("registry.SignedListing", body))

    def _log_key(self, change):
        """7.7; that its epoch is not above the broker's is seen by who knows that one."""
        signed = b"liaison log key 1\0" + self.fingerprint + struct.pack(
            ">QI", change["epoch"], change["number"]) + change["former"] + change["key"]
        if not notes.verifies(change["former"], signed, change["signature"]):
            raise certificates.Unfit("a change of the logs' key that the former did not sign")
        before = self.log_keys[-1] if self.log_keys else {"key": change["former"], "epoch": 0}
        used = {each[name] for each in self.log_keys for name in ("former", "key")}
        if change["number"] != len(self.log_keys) + 1 or change["former"] != before["key"] \
                or change["epoch"] < before["epoch"] or change["key"] in {*used, change["former"]}:
            raise certificates.Unfit("a change of the logs' key that does not follow")
        self.log_keys.append(change)

    def keys_of_logs(self, known):
        """Those that sign now, of what is known by the invitation."""
        row = [each[name] for each in self.log_keys for name in ("former", "key")]
        return [row[-1]] if set(row) & set(known) else known

    def _wanted(self, issued, found):
        """Whether the key before, itself followed, wanted this one: 7.5."""
        before = self.certificate(found.node, issued["previous"])
        if not crypto.verified(before.public, issued["continuity"], certificates.continuity(
                before.fingerprint, found.public, found.curve, found.witness)):
            raise certificates.Unfit("a renewal that the previous key did not sign")
        return before.followed

    def _sealing(self, body, node):
        """By whichever of the node's signing certificates made it."""
        for issuer in reversed(self.signing[node]):
            try:
                return certificates.sealing(body, issuer)
            except certificates.Unfit as unfit:
                problem = unfit
        raise problem

    def _list(self, signed):
        listing = wire.decode("registry.Listing", signed["body"])
        signer = next((each for each in self.signing[listing["publisher"]]
                       if each.fingerprint == signed["certificate"]), None)
        if not signer or not crypto.verified(signer.public, signed["signature"],
                                             b"liaison listing" + signed["body"]):
            raise certificates.Unfit("a listing that its publisher did not sign")
        listing["service_json"] = json.loads(listing["openReferral"])
        self.listings[listing["publisher"], listing["service"]] = listing

    def follows(self, octets):
        """Whether a signing certificate stands in the registry and is followed, whoever's it is."""
        return any(each.octets == octets and each.followed
                   for all_of in self.signing.values() for each in all_of)

    def confirm(self, node, fingerprint):
        """A person has made sure of a node's key."""
        self.certificate(node, fingerprint).followed = True

    def signer_of(self, node):
        """A node's newest signing certificate, if it is to be believed now."""
        if not self.signing.get(node):
            raise certificates.Unfit(f"no signing certificate of {node}")
        found = self.signing[node][-1]
        found.holds()
        if self.revocations and found.serial in self.revocations.listed:
            raise certificates.Unfit(f"{node} was revoked")
        return found

    def signer_of_letter(self, node, octets, accepted_at):
        """Refuses the signer of a letter unless it is one of the sender's certificates, the newest
        or an earlier one, and held when the broker accepted the letter, or holds now."""
        found = next((each for each in self.signing.get(node, []) if each.octets == octets), None)
        if not found:
            raise certificates.Unfit("signed by another node than it names")
        times = [certificates.moment(accepted_at), certificates.present()]
        if not any(found.begins <= time <= found.ends for time in times):
            raise certificates.Unfit("its signer's certificate had ended")
        if self.revocations and self.revocations.denies(found.serial, times[0]):
            raise certificates.Unfit("its signer was revoked")

    def certificate(self, node, fingerprint):
        """One of a node's signing certificates, by its fingerprint."""
        for found in self.signing.get(node, []):
            if found.fingerprint == fingerprint:
                return found
        raise certificates.Unfit(f"no such certificate of {node}")

    def recipient(self, node):
        """The sealing certificate to write to a node with: 7.4."""
        def fit(each):
            listed = self.revocations.listed if self.revocations else {}
            return certificates.present() <= each.ends and each.issued_by.followed \
                and each.issued_by.serial not in listed
        found = [each for each in self.sealing.get(node, []) if fit(each)]
        if not found:
            raise certificates.Unfit(f"no sealing certificate of {node}")
        return found[-1]
