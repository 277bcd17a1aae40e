package inputs

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// TestSecretFilesOfEveryComponentAreLeftOut as they are written: `..` behind a link leads elsewhere.
func TestSecretFilesOfEveryComponentAreLeftOut(t *testing.T) {
	c := &config.Config{Components: []config.Component{
		{Secrets: []config.Secret{{File: "link/../.npmrc"}, {Env: "TOKEN"}, {File: "/root/.m2/settings.xml"}}},
		{SSH: []config.SSH{{Path: "keys/id"}, {}}},
	}}
	got := secretFiles(c, "/repo")
	if want := []string{"/repo/link/../.npmrc", "/root/.m2/settings.xml", "/repo/keys/id"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
