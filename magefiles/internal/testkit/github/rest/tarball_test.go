package rest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestTarballIsRedirectedToAnotherHost reads the archive as git made it, without the token of the API.
func TestTarballIsRedirectedToAnotherHost(t *testing.T) {
	f := served(t)
	head := f.Push("charts/app/Chart.yaml", "name: app\n")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.Server.URL()+"/repos/"+repo+"/tarball/"+head, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if next.URL.Host == request.URL.Host || next.Header.Get("Authorization") != "" {
			t.Errorf("the redirect goes to %s with %v", next.URL, next.Header)
		}
		return nil
	}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v: %s", response.StatusCode, err, data)
	}
	if got := content(t, data, "acme-deployment-"+head[:7]+"/charts/app/Chart.yaml"); got != "name: app\n" {
		t.Errorf("content %q", got)
	}
	again := strings.Replace(response.Request.URL.String(), "token=", "token=x", 1)
	if request, err = http.NewRequestWithContext(t.Context(), http.MethodGet, again, nil); err != nil {
		t.Fatal(err)
	}
	if refused, err := client.Do(request); err != nil || refused.StatusCode != http.StatusNotFound {
		t.Errorf("without its token: %v, %v", refused, err)
	} else {
		refused.Body.Close()
	}
	if status, _, body := f.Send(http.MethodGet, "/repos/"+repo+"/tarball/"+strings.Repeat("1", 40), token, nil); status != http.StatusNotFound {
		t.Errorf("an unknown commit: %d %s", status, body)
	}
}

func content(t *testing.T, archive []byte, name string) string {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	for entries := tar.NewReader(plain); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("no %s in the archive", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Name == name {
			data, err := io.ReadAll(entries)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
	}
}
