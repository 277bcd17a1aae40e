package declared_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// TestAttackVariablesOfVariables has variables that name others many times over: what they stand for is bounded, and is not computed.
func TestAttackVariablesOfVariables(t *testing.T) {
	var environment strings.Builder
	environment.WriteString("A=x\n")
	for i := range 20 {
		environment.WriteString(string(rune('B'+i)) + "=" + strings.Repeat("${"+string(rune('A'+i))+"}", 4) + "\n")
	}
	long := "A=" + strings.Repeat("x", 60_000) + "\nU=" + strings.Repeat("${A}", 1000) + "\n"
	for _, env := range []string{environment.String(), long} {
		tree := fstest.MapFS{
			"compose.yaml": {Data: []byte("services: {api: {build: {context: ., args: {A: '${U}', B: '${D}'}}, image: 'acme/${U}'}}\n")},
			".env":         {Data: []byte(env)},
		}
		builds := declared.Repository{Tree: tree, Files: []string{".env", "compose.yaml"}}.Builds()
		if len(builds) != 1 || builds[0].Args["A"].Known || len(builds[0].Images) > 0 {
			t.Errorf("%+v", builds)
		}
	}
}
