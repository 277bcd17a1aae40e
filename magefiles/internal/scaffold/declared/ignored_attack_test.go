package declared_test

import (
	"testing"
	"testing/fstest"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// TestAttackIgnoredEnvironment has a file .env that git ignores, as most have: what is only on this machine, such as a key, is not
// proposed for a file of the repository.
func TestAttackIgnoredEnvironment(t *testing.T) {
	tree := fstest.MapFS{
		"compose.yaml": {Data: []byte("services: {api: {build: {context: ., args: {NPM_KEY: '${NPM_KEY}', MODE: '${MODE}'}}, image: 'acme/${NPM_KEY}'}}\n")},
		".env":         {Data: []byte("NPM_KEY=npm_secret\nMODE=prod\n")},
	}
	for _, files := range [][]string{{"compose.yaml"}, {".env", "compose.yaml"}} {
		builds := declared.Repository{Tree: tree, Files: files}.Builds()
		if len(builds) != 1 {
			t.Fatalf("%q: %+v", files, builds)
		}
		b, listed := builds[0], len(files) == 2
		if b.Args["NPM_KEY"].Known != listed || b.Args["MODE"].Known != listed || (len(b.Images) > 0) != listed {
			t.Errorf("%q: %+v", files, b)
		}
	}
}
