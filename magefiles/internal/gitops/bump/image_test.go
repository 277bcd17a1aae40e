package bump

import "testing"

func TestImageRepository(t *testing.T) {
	for ref, want := range map[string]string{
		"ghcr.io/acme/shop:core-1":   "ghcr.io/acme/shop",
		"localhost:5000/shop:core-1": "localhost:5000/shop",
		"localhost:5000/shop":        "localhost:5000/shop",
	} {
		if got := (Image{Ref: ref}).Repository(); got != want {
			t.Errorf("%q of %q, want %q", got, ref, want)
		}
	}
}
