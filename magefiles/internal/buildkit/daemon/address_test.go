package daemon

import (
	"net/url"
	"testing"
)

func TestInTheClear(t *testing.T) {
	files := TLS{CA: "ca.pem"}
	for text, want := range map[string]bool{
		"tcp://build.example.com:1234": true, "tcp://build.example.com:1234?cacert=ca.pem": false, "tcp://h:1?servername=x": false,
		"unix:///run/buildkit.sock": false, "ssh://host": false, "kube-pod://pod": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := (hostAddress{url: u, text: text}).inTheClear(); got != want {
			t.Errorf("%s: %t", text, got)
		}
		if (hostAddress{url: u, text: text, tls: files}).inTheClear() {
			t.Errorf("%s with BUILDKIT_TLS_CA is in the clear", text)
		}
	}
}
