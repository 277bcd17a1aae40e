package targets_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/magefile/mage/parse"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTargets holds the public list of targets with their flags against a golden file: mage drops an exported function
// without a word when its signature is not that of a target, and makes a target of every helper that has one.
func TestTargets(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sources = slices.DeleteFunc(sources, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	info, err := parse.Package(".", sources, false)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, function := range info.Funcs {
		fmt.Fprintf(&b, "%s\n  %s\n", function.TargetName(), function.Synopsis)
		for _, flag := range function.OptionalArgs() {
			fmt.Fprintf(&b, "  -%s=<%s>  %s\n", flag.Name, flag.Type, flag.Comment)
		}
		if required := function.RequiredArgs(); len(required) > 0 {
			t.Errorf("%s takes %d required arguments; targets take flags only", function.Name, len(required))
		}
	}
	golden := filepath.Join("testdata", "targets.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the targets are not those of %s (go test ./magefiles/targets -run TestTargets -update):\n%s", golden, b.String())
	}
}
