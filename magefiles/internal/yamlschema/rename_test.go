package yamlschema

import "testing"

func TestRenamedKeysNameTheirSuccessor(t *testing.T) {
	known := []Rename{{"components.*", "buildArgs", "args", "v0.2.0"}, {"", "images", "image", "v0.3.0"}}
	for _, test := range []struct{ in, key, want string }{
		{"components.core", "buildArgs", "rename it to `args`: astrago-ci calls it so since v0.2.0"},
		{"", "images", "rename it to `image`: astrago-ci calls it so since v0.3.0"},
		{"components.core", "images", ""},
		{"environments.core", "buildArgs", ""},
	} {
		if got := renameRemedy(known, test.in, test.key); got != test.want {
			t.Errorf("%s in %q: %q", test.key, test.in, got)
		}
	}
}
