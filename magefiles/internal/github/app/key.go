package app

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const keyRemedy = "generate a private key in the App's settings (General, Private keys), and set DEPLOY_APP_KEY to the whole file that " +
	"GitHub gives, or to its path"

// parseKey reads an RSA key in PEM: as GitHub gives it (PKCS #1), or as converted (PKCS #8). Its errors quote nothing of it.
func parseKey(text string) (*rsa.PrivateKey, error) {
	// Tools that keep a secret in one line write its line ends as \n.
	block, _ := pem.Decode([]byte(strings.ReplaceAll(strings.TrimSpace(text), `\n`, "\n")))
	if block == nil {
		return nil, noKey("it is not a private key in PEM, or its lines are gone")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, problem.New(problem.Usage, "decrypt it: openssl rsa -in KEY -out DECRYPTED", "reading DEPLOY_APP_KEY: it is encrypted")
	}
	key, err := decodeKey(block)
	switch {
	case err != nil:
		return nil, noKey(err.Error())
	case key.Validate() != nil:
		return nil, noKey("its numbers make no RSA key")
	}
	return key, nil
}

func decodeKey(block *pem.Block) (*rsa.PrivateKey, error) {
	switch block.Type {
	case "RSA PRIVATE KEY":
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key, nil
		}
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if rsaKey, ok := key.(*rsa.PrivateKey); ok {
			return rsaKey, nil
		}
		if err == nil {
			return nil, errors.New("it is a private key of another kind than RSA")
		}
	case "CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY":
		return nil, errors.New("it is the public part of a key")
	default:
		return nil, errors.New("it is a private key of another kind than RSA, or in another form than PKCS #1 and PKCS #8")
	}
	return nil, errors.New("it is damaged")
}

func noKey(why string) error {
	return problem.New(problem.Usage, keyRemedy, "reading DEPLOY_APP_KEY: %s", why)
}
