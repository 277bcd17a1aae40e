package config

import (
	"strings"
	"testing"
)

func TestRenamedKeysNameTheirSuccessor(t *testing.T) {
	known := []rename{{"components.*", "buildArgs", "args", "v0.2.0"}, {"", "images", "image", "v0.3.0"}}
	for _, test := range []struct{ in, key, want string }{
		{"components.core", "buildArgs", "rename it to `args`: astrago-ci calls it so since v0.2.0"},
		{"", "images", "rename it to `image`: astrago-ci calls it so since v0.3.0"},
		{"components.core", "images", ""},
		{"environments.core", "buildArgs", ""},
	} {
		if got := successor(known, test.in, test.key); got != test.want {
			t.Errorf("%s in %q: %q", test.key, test.in, got)
		}
	}
	data := []byte("version: 1\nimages: ghcr.io/acme/backend\n")
	d := &decoder{text: newText("astrago.yaml", data), renames: known}
	if _, err := d.parse("astrago.yaml", data); err == nil || !strings.Contains(err.Error(), "rename it to `image`") || !strings.Contains(err.Error(), `unknown key "images"`) {
		t.Errorf("error %v", err)
	}
}

// TestRenamesLeadToKnownKeys keeps the list true: what it names as new is a key, and what it names as old is none.
func TestRenamesLeadToKnownKeys(t *testing.T) {
	for _, r := range renames() {
		if r.old == r.new || !strings.HasPrefix(r.since, "v") {
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
