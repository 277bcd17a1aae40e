package hold

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// What is written is read again, whatever a person has typed.
func TestHoldsSurviveTheirFile(t *testing.T) {
	since := time.Date(2026, 3, 2, 3, 12, 44, 0, time.UTC)
	for _, reason := range []string{"", "login fails", "로그인이 안 됨: #42", "- a: b\n---\n{{ x }}", `"quoted" 'twice' \ `, "true", "0x1", "\u2028"} {
		want := []Hold{
			{Component: "core", Rejected: commitid.ID(strings.Repeat("1", 40)), Tag: "1234e56", Until: config.HoldUntilNewer, Reason: reason, By: "no", Since: since},
			{Component: "batch", Until: config.HoldUntilLift, Since: since, Run: "https://github.com/a/b/actions/runs/1"},
		}
		kept := []Kept{{Component: "core", Tag: "1234e56", Digest: refs.Digest("ab"), Source: commitid.ID(strings.Repeat("2", 40))}}
		data, err := File{want, kept}.Render("stage")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(data)
		if err != nil || !reflect.DeepEqual(got, File{want, kept}) {
			t.Errorf("reason %q: %+v, %v, from\n%s", reason, got, err, data)
		}
	}
}

func TestHoldsThatNobodyUnderstandsAreErrors(t *testing.T) {
	for _, text := range []string{
		"holds: 1\n", "holds:\n- tag: x\n", "holds:\n- {component: a, unknown: b}\n", "hold: []\n", "[\n", "holds:\n- {component: a, since: soon}\n",
		"kept:\n- {component: a, tag: b}\n", "kept:\n- {component: a, source: 1234567}\n", "kept:\n- {tag: b, source: 1234567}\n",
		"holds:\n- {component: a}\n", "holds:\n- {component: a, rejected: 12345678, until: Lift}\n",
		"holds: []\n---\nholds:\n- {component: a, until: lift}\n", "---\n---\nholds: []\n",
	} {
		if holds, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q gives %+v", text, holds)
		}
	}
	for _, text := range []string{"", "# nothing\n", "holds: []\n"} {
		if holds, err := Parse([]byte(text)); err != nil || len(holds.Holds)+len(holds.Kept) != 0 {
			t.Errorf("%q gives %+v, %v", text, holds, err)
		}
	}
}

// TestComponentOfAHoldIsAnyText: what a person has typed, or a component was called once, stays held as it is written, and holds no other.
func TestComponentOfAHoldIsAnyText(t *testing.T) {
	for _, name := range []component.Name{"core", "Core", "a b", " core", "-only=core", "코어", "true", "1.0", "\u2028", "core\n"} {
		want := File{Holds: []Hold{{Component: name, Until: config.HoldUntilLift, Since: time.Unix(0, 0).UTC()}}}
		data, err := want.Render("stage")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(data)
		if err != nil || !reflect.DeepEqual(got, want) || !IsHeld(got.Holds, name) || name != "core" && IsHeld(got.Holds, "core") {
			t.Errorf("%q: %+v, %v, from\n%s", name, got, err, data)
		}
	}
}
