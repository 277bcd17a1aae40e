package console

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func TestAnnotationPlaces(t *testing.T) {
	tests := []struct {
		place *report.Place
		want  string
	}{
		{nil, "::error title=t::boom"},
		{&report.Place{File: "astrago.yaml"}, "::error file=astrago.yaml,title=t::boom"},
		{&report.Place{File: "a,b.yaml", Line: 2, Column: 5}, "::error file=a%2Cb.yaml,line=2,col=5,title=t::boom"},
		{&report.Place{File: "owner/name@main:values.yaml", Line: 2}, "::error title=t::owner/name@main:values.yaml:2: boom"},
	}
	for _, test := range tests {
		if got := annotation("error", "t", report.Error{Message: "boom", Place: test.place}); got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}
