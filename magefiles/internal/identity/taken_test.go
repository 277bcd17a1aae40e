package identity_test

import "testing"

// TestTakenBehindOddNames has a change of a file that is copied make another key where a step has a tmpfs mount, so that the whole
// context is sent: links on the way and names that patterns read otherwise must not hide it.
func TestTakenBehindOddNames(t *testing.T) {
	for name, test := range map[string]struct {
		copied string // instructions
		file   string // that changes
		links  map[string]string
	}{
		"two files behind one link":   {"COPY lnk/a /a\nCOPY lnk/b /b", "dir/b", map[string]string{"lnk": "dir"}},
		"two mounts behind one link":  {"RUN --mount=type=bind,source=lnk/a,target=/a --mount=type=bind,source=lnk/b,target=/b true", "dir/b", map[string]string{"lnk": "dir"}},
		"begins with an exclamation":  {`COPY ["!x", "/x"]`, "!x", nil},
		"begins with a space":         {`COPY [" x", "/x"]`, " x", nil},
		"ends with a space":           {`COPY ["x ", "/x"]`, "x ", nil},
		"in a directory of such name": {`COPY ["!d/x", "/x"]`, "!d/x", nil},
		"a link to such a name":       {`COPY lnk /x`, "!x", map[string]string{"lnk": "!x"}},
		"a link to a pattern":         {`COPY lnk /x`, "x[1]*", map[string]string{"lnk": "x[1]*"}},
		"a chain of links":            {`COPY l1/l2 /x`, "end/f", map[string]string{"l1": "real", "real/l2": "../end/f"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.base("base:1", "base", nil)
			for _, file := range []string{"dir/a", "dir/b", "other", "x", "real/f"} {
				s.write(file, "same")
			}
			s.write("Dockerfile", "FROM $BASE\nRUN --mount=type=tmpfs,target=/c --mount=type=bind,source=other,target=/o true\n"+test.copied+"\n")
			for link, target := range test.links {
				s.link(target, link)
			}
			s.write(test.file, "one")
			one := s.compute()
			s.write(test.file, "two")
			two := s.compute()
			if one.Key == "" || one.Key == two.Key {
				t.Errorf("the key is %q, and of another %q %q (%s)", one.Key, test.file, two.Key, one.Unknown)
			}
			s.write(test.file, "one")
			s.write("nothing takes this", "new")
			if again := s.compute(); again.Key != one.Key {
				t.Errorf("a file that nothing copies makes another key: %s, %s", one.Key, again.Key)
			}
		})
	}
}
