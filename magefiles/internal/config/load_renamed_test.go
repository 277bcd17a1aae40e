package config

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

func TestRenamedKeysNameTheirSuccessor(t *testing.T) {
	known := []yamlschema.Rename{{In: "", Old: "images", New: "image", Since: "v0.3.0"}}
	data := []byte("version: 1\nimages: ghcr.io/acme/backend\n")
	if _, err := parseWithRenames("astrago.yaml", data, known); err == nil || !strings.Contains(err.Error(), "rename it to `image`") || !strings.Contains(err.Error(), `unknown key "images"`) {
		t.Errorf("error %v", err)
	}
}

// TestRenamesLeadToKnownKeys keeps the list true: what it names as new is a key, and what it names as old is none.
func TestRenamesLeadToKnownKeys(t *testing.T) {
	for _, r := range knownRenames() {
		if r.Old == r.New || !strings.HasPrefix(r.Since, "v") {
			t.Errorf("rename %+v", r)
		}
	}
}

func TestAnUnknownVersionSaysWhatToDo(t *testing.T) {
	_, err := Parse("astrago.yaml", []byte("version: 2\nservice: backend\n"))
	for _, want := range []string{"astrago.yaml", "version 2 of the file's format is not known here", "mage update"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
