package yamledit

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// seal is a proof of integrity that a document carries over its own content: an edit from outside would break it, and what
// reads the document would refuse all of it.
type seal struct {
	name   string // of the proof, for people
	remedy string
	marks  func(root *yaml.Node) *yaml.Node             // the node that is the proof, nil where the document has none
	covers func(root *yaml.Node, s *scalarSetting) bool // whether the scalar is part of what is proved; nil: all are
}

// sopsPrefix begins a value that sops has encrypted (getsops/sops, README "Encrypted value").
const sopsPrefix = "ENC["

// knownSeals are the proofs that are known. Files whose whole text is wrapped, as by ansible-vault or gpg, hold no map at all.
var knownSeals = []seal{
	{
		name: "the MAC of sops, which covers every value",
		remedy: "encrypt with `mac_only_encrypted: true` (sops --mac-only-encrypted, or .sops.yaml), so that clear values may change;\n" +
			"or move the tags to a file of their own",
		marks: func(root *yaml.Node) *yaml.Node {
			if sops := valueOf(root, "sops"); valueOf(sops, "mac") != nil && !isTrue(valueOf(sops, "mac_only_encrypted")) {
				return valueOf(sops, "mac")
			}
			return nil
		},
	},
	{
		name: "the encryption of sops",
		remedy: "keep tags in the clear (unencrypted_regex or encrypted_regex in .sops.yaml);\nan encrypted value is set by sops alone: " +
			"sops set FILE PATH VALUE",
		marks: func(root *yaml.Node) *yaml.Node { return valueOf(valueOf(root, "sops"), "mac") },
		covers: func(_ *yaml.Node, s *scalarSetting) bool {
			return strings.HasPrefix(s.node.Value, sopsPrefix) || s.where.hasPrefix("sops")
		},
	},
	{
		name:   "the encryption of a SealedSecret",
		remedy: "make the secret anew with kubeseal; its encrypted values are bound to its name and namespace",
		marks: func(root *yaml.Node) *yaml.Node {
			if kind := valueOf(root, "kind"); kind != nil && kind.Value == "SealedSecret" {
				return valueOf(valueOf(root, "spec"), "encryptedData")
			}
			return nil
		},
		covers: func(_ *yaml.Node, s *scalarSetting) bool {
			return s.where.hasPrefix("spec", "encryptedData") || s.where.hasPrefix("metadata")
		},
	},
	{
		name:   "the signature of the manifest",
		remedy: "sign the manifest after the tag is set, in a step of its own; or keep tags in a file that is not signed",
		marks: func(root *yaml.Node) *yaml.Node {
			annotations := valueOf(valueOf(root, "metadata"), "annotations")
			for i := 0; annotations != nil && i+1 < len(annotations.Content); i += 2 {
				if strings.HasPrefix(annotations.Content[i].Value, "cosign.sigstore.dev/") {
					return annotations.Content[i]
				}
			}
			return nil
		},
	},
	{
		name:   "the signatures of the envelope",
		remedy: "change what is signed, and sign it again",
		marks: func(root *yaml.Node) *yaml.Node {
			if valueOf(root, "signed") != nil || valueOf(root, "payload") != nil && valueOf(root, "payloadType") != nil {
				return valueOf(root, "signatures")
			}
			return nil
		},
	},
	{
		name:   "the digest of a lock file of Helm",
		remedy: "change Chart.yaml, and make the lock file anew: helm dependency update",
		marks: func(root *yaml.Node) *yaml.Node {
			if valueOf(root, "dependencies") != nil && valueOf(root, "generated") != nil {
				return valueOf(root, "digest")
			}
			return nil
		},
	},
}

// checkSeals refuses settings in a document whose own proof of integrity they would break. One that has its value already, and
// so changes nothing, breaks nothing.
func (c *comparison) checkSeals(d *document, settings []*scalarSetting) error {
	for _, s := range knownSeals {
		mark := s.marks(d.written)
		if mark == nil {
			continue
		}
		for _, set := range settings {
			if set.node.Value != set.to.Value && (s.covers == nil || s.covers(d.written, set)) {
				return problem.New(problem.Refused, s.remedy, "setting %s: it would break %s (line %d)",
					yq.Shown(set.to), s.name, mark.Line).
					At(c.src.Place(set.where.lastKey(), set.node))
			}
		}
		for _, a := range c.additions {
			if s.covers == nil && int(a.value.GetDocument()) == c.indexOf(d) {
				return problem.New(problem.Refused, s.remedy, "adding %s: it would break %s (line %d)",
					yq.Shown(a.value), s.name, mark.Line).
					At(c.src.Place(a.where.lastKey(), nil))
			}
		}
	}
	return nil
}

func (c *comparison) indexOf(d *document) int {
	for i, other := range c.documents {
		if other == d {
			return i
		}
	}
	return -1
}

// valueOf is the value of a key of a map, nil where n is no map or lacks it.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func isTrue(n *yaml.Node) bool {
	return n != nil && n.Tag == "!!bool" && strings.EqualFold(n.Value, "true")
}
