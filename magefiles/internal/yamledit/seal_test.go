package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

const sopsFile = `tag: core-1
password: ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:k=,type:str]
sops:
  mac: ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UQ==,type:str]
  lastmodified: "2026-01-01T00:00:00Z"
  version: 3.9.4
`

func TestEditsBreakNoSeal(t *testing.T) {
	sealedSecret := "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: s}\nspec:\n  encryptedData: {tag: AgBy3i}\n  template: {tag: a}\n"
	for name, c := range map[string]struct{ doc, expression, says string }{
		"MAC":             {sopsFile, `.tag = "core-2"`, "the MAC of sops…line 4…mac_only_encrypted: true"},
		"encrypted":       {sopsFile + "  mac_only_encrypted: true\n", `.password = "core-2"`, "the encryption of sops"},
		"metadata":        {sopsFile + "  mac_only_encrypted: true\n", `.sops.version = "core-2"`, "the encryption of sops"},
		"second document": {"a: b\n---\n" + sopsFile, `(select(documentIndex == 1) | .tag) = "core-2"`, "the MAC of sops"},
		"JSON":            {`{"tag": "core-1", "sops": {"mac": "ENC[AES256_GCM,data:x]"}}`, `.tag = "core-2"`, "the MAC of sops"},
		"sealed secret":   {sealedSecret, `.spec.encryptedData.tag = "core-2"`, "the encryption of a SealedSecret"},
		"sealed name":     {sealedSecret, `.metadata.name = "core-2"`, "the encryption of a SealedSecret"},
		"signed manifest": {"kind: Deployment\nmetadata:\n  annotations:\n    cosign.sigstore.dev/signature: MEUC\nimage: a\n", `.image = "core-2"`, "the signature of the manifest (line 4)"},
		"envelope":        {`{"signed": {"version": "a"}, "signatures": [{"sig": "b"}]}`, `.signed.version = "core-2"`, "the signatures of the envelope"},
		"lock file":       {"dependencies: [{name: a, version: \"1\"}]\ndigest: sha256:ab\ngenerated: \"2026\"\n", `.dependencies[0].version = "2"`, "lock file of Helm"},
	} {
		_, err := yamledit.Apply([]byte(c.doc), c.expression)
		if p := problem.As(err); p == nil || p.Status != problem.Refused {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for part := range strings.SplitSeq(c.says, "…") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: without %q: %v", name, part, err)
			}
		}
	}
	for name, c := range map[string]struct{ doc, expression string }{
		"clear value":    {sopsFile + "  mac_only_encrypted: true\n", `.tag = "core-2"`},
		"nothing to do":  {sopsFile, `.tag = "core-1"`},
		"other document": {"tag: a\n---\n" + sopsFile, `(select(documentIndex == 0) | .tag) = "core-2"`},
		"clear template": {sealedSecret, `.spec.template.tag = "b"`},
		"key named sops": {"sops: on\ntag: a\n", `.tag = "b"`},
	} {
		if _, err := yamledit.Apply([]byte(c.doc), c.expression); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsAddedUnderASeal(t *testing.T) {
	_, err := yamledit.Options{Create: true}.Apply([]byte(sopsFile), `.new = "x"`)
	if err == nil || !strings.Contains(err.Error(), "the MAC of sops") {
		t.Errorf("got %v", err)
	}
}
