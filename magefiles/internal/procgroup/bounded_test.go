package procgroup_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// TestBoundedBuffer keeps what fits, whole writes only, and nothing after the first that did not.
func TestBoundedBuffer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		writes []string
		want   string
		full   bool
	}{
		"nothing":              {},
		"up to the limit":      {writes: []string{"ab", "cd"}, want: "abcd"},
		"more in one":          {writes: []string{"abcde"}, full: true},
		"more in all":          {writes: []string{"abc", "de"}, want: "abc", full: true},
		"little after refusal": {writes: []string{"abc", "de", "f"}, want: "abc", full: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := procgroup.NewBoundedBuffer(4)
			var refusal error
			for _, text := range test.writes {
				n, err := b.Write([]byte(text))
				if (err == nil) != (n == len(text)) {
					t.Errorf("%q: %d bytes, %v", text, n, err)
				}
				refusal = err
			}
			if b.String() != test.want || string(b.Bytes()) != test.want || b.Full() != test.full ||
				(refusal != nil) != test.full {
				t.Errorf("%q, full %t, %v, want %q and %t", b, b.Full(), refusal, test.want, test.full)
			}
		})
	}
}
