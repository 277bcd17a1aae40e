package initialize

import (
	"fmt"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// TestLeftOutRows names a few Dockerfiles of one reason each, and counts many.
func TestLeftOutRows(t *testing.T) {
	leftOut := func(dockerfile, reason string) scaffold.LeftOut {
		return scaffold.LeftOut{Component: scaffold.Component{Dockerfile: dockerfile}, Reason: reason}
	}
	left := []scaffold.LeftOut{leftOut("a/Dockerfile", "in hack/")}
	for i := range 30 {
		left = append(left, leftOut(fmt.Sprintf("t/%d/Dockerfile", i), "in t/"))
	}
	left = append(left, leftOut("b/Dockerfile", "in hack/"))
	var got []string
	for _, row := range leftOutRows(left) {
		got = append(got, row.Name+" "+row.Text)
	}
	want := []string{"left out a/Dockerfile: in hack/", "left out b/Dockerfile: in hack/", "left out t/0/Dockerfile and 29 more: in t/"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
