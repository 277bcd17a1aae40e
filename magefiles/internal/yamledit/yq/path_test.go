package yq_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// TestAPathLeadsToItsNode evaluates the path of each node in trees whose keys have all that means something in an expression.
func TestAPathLeadsToItsNode(t *testing.T) {
	keys := []string{
		"a", "a.b", "a-b", "-a", "a_b", "1", "1a", "a b", " ", "", `a"b`, `a\b`, `\`, `\"`, `\(a)`, `\n`, "한글", "e\u0301", "🚀", "a[0]", "[0]",
		"a|b", "a/b", "#a", "$a", "a:b", "select", "and", "true", "null", "env", "load(a)", "'", "a\tb", "{", "~", "@", "=",
	}
	for _, form := range []string{"%q: v\n", "x: {%q: v}\n", "- %[1]q: [a, {%[1]q: v}]\n", "%[1]q:\n  %[1]q: [[v], {%[1]q: {}}]\n"} {
		for _, key := range keys {
			quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`).Replace(key) + `"`
			root := tree(t, fmt.Sprintf(strings.NewReplacer("%[1]q", "%[1]s", "%q", "%s").Replace(form), quoted))
			for _, n := range values(root) {
				if found := wanted(t, root, yq.Shown(n)); found != n {
					t.Errorf("%s leads from %s to %s", yq.Shown(n), outline(root), outline(found))
				}
			}
		}
	}
}

func TestAPathIsWrittenShortly(t *testing.T) {
	root := tree(t, "a: [{b-c: v}, [w]]\n\"d.e\": {f: x}\n")
	var paths []string
	for _, n := range values(root) {
		paths = append(paths, yq.Shown(n)+" is "+yq.PathOf(n)+" of "+fmt.Sprint(yq.Keys(n)))
	}
	want := []string{
		". is  of []", ".a is .a of [a]", ".a[0] is .a[0] of [a 0]", ".a[0].b-c is .a[0].b-c of [a 0 b-c]", ".a[1] is .a[1] of [a 1]",
		".a[1][0] is .a[1][0] of [a 1 0]", `.["d.e"] is .["d.e"] of [d.e]`, `.["d.e"].f is .["d.e"].f of [d.e f]`,
	}
	if got := strings.Join(paths, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got:\n%s", got)
	}
	if got := yq.Shown(values(tree(t, "[a]"))[1]); got != ".[0]" {
		t.Errorf("the first of a list is %s", got)
	}
}

// TestAMergedMapIsHeldByTheOneThatMerges has each way in which a map uses another one.
func TestAMergedMapIsHeldByTheOneThatMerges(t *testing.T) {
	root := tree(t, "a: &a {b: c}\nd: {<<: *a}\ne: {<<: [*a, *a]}\nf: *a\ng: [*a]\n")
	for _, n := range values(root) {
		want := yq.Shown(n)
		if i := strings.Index(want, `.["<<"]`); i >= 0 {
			want = want[:i]
		}
		if got := yq.Shown(yq.HolderOf(n)); got != want {
			t.Errorf("%s is held by %s, want %s", yq.Shown(n), got, want)
		}
	}
}
