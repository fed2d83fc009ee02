// Package main is an application on go-oidc and golang.org/x/oauth2, the libraries under most applications in Go.
//
// Usage: go-oidc SETTINGS, one JSON object: issuer, client_id, client_secret, redirect_uri, scopes, prompt, device_id (a
// public application). It prints the address to begin at, reads the address that the browser came back with, and
// prints what came of it, each as one line of JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	state = "state-of-go"
	nonce = "nonce-of-go"
)

type settings struct {
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	RedirectURI  string   `json:"redirect_uri"`
	Scopes       []string `json:"scopes"`
	Prompt       string   `json:"prompt"`
	DeviceID     string   `json:"device_id"`
}

type application struct {
	settings
	provider *oidc.Provider
	config   oauth2.Config
	input    *bufio.Reader
}

func say(answer map[string]any) {
	line, _ := json.Marshal(answer)
	fmt.Println(string(line))
}

func main() {
	if err := run(context.Background()); err != nil {
		say(map[string]any{"problem": err.Error()})
	}
}

func run(ctx context.Context) error {
	app := application{input: bufio.NewReader(os.Stdin)}
	if err := json.Unmarshal([]byte(os.Args[1]), &app.settings); err != nil {
		return err
	}
	var err error
	if app.provider, err = oidc.NewProvider(ctx, app.Issuer); err != nil {
		return err
	}
	app.config = oauth2.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, RedirectURL: app.RedirectURI,
		Endpoint: app.provider.Endpoint(), Scopes: app.Scopes,
	}
	token, subject, err := app.signIn(ctx)
	if err != nil {
		return err
	}
	if err := app.userinfo(ctx, token, subject); err != nil {
		return err
	}
	if err := app.refresh(ctx, token, subject); err != nil {
		return err
	}
	if err := app.service(ctx); err != nil {
		return err
	}
	return app.device(ctx)
}

func (app *application) signIn(ctx context.Context) (*oauth2.Token, string, error) {
	verifier := oauth2.GenerateVerifier()
	begin := app.config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier),
		oauth2.SetAuthURLParam("prompt", app.Prompt))
	answer, err := app.browse(begin)
	if err != nil {
		return nil, "", err
	}
	back, err := url.Parse(answer)
	if err != nil {
		return nil, "", err
	}
	query := back.Query()
	if query.Get("state") != state || query.Get("code") == "" {
		return nil, "", fmt.Errorf("came back with %s", back.RawQuery)
	}
	token, err := app.config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, "", err
	}
	idToken, err := app.verify(ctx, token)
	if err != nil {
		return nil, "", err
	}
	if idToken.Nonce != nonce {
		return nil, "", fmt.Errorf("nonce is %q", idToken.Nonce)
	}
	say(map[string]any{"step": "code-and-id-token", "sub": idToken.Subject})
	return token, idToken.Subject, nil
}

// browse lets the other process be the browser.
func (app *application) browse(address string) (string, error) {
	say(map[string]any{"url": address})
	line, err := app.input.ReadString('\n')
	if err != nil {
		return "", err
	}
	return line[:len(line)-1], nil
}

func (app *application) verify(ctx context.Context, token *oauth2.Token) (*oidc.IDToken, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("no ID token")
	}
	idToken, err := app.provider.Verifier(&oidc.Config{ClientID: app.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if idToken.AccessTokenHash == "" {
		return idToken, nil
	}
	return idToken, idToken.VerifyAccessToken(token.AccessToken)
}

func (app *application) userinfo(ctx context.Context, token *oauth2.Token, subject string) error {
	info, err := app.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	if info.Subject != subject {
		return fmt.Errorf("userinfo speaks of %s", info.Subject)
	}
	var claims map[string]any
	if err := info.Claims(&claims); err != nil {
		return err
	}
	say(map[string]any{"step": "userinfo", "email": info.Email, "claims": claims})
	return nil
}

func (app *application) refresh(ctx context.Context, token *oauth2.Token, subject string) error {
	old := *token
	old.Expiry = time.Now().Add(-time.Hour)
	renewed, err := app.config.TokenSource(ctx, &old).Token()
	if err != nil {
		return err
	}
	info, err := app.provider.UserInfo(ctx, oauth2.StaticTokenSource(renewed))
	if err != nil {
		return err
	}
	changed := renewed.AccessToken != token.AccessToken && info.Subject == subject
	say(map[string]any{"step": "refresh", "changed": changed})
	return nil
}

func (app *application) service(ctx context.Context) error {
	config := clientcredentials.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, TokenURL: app.provider.Endpoint().TokenURL,
	}
	token, err := config.Token(ctx)
	if err != nil {
		return err
	}
	say(map[string]any{"step": "client-credentials", "token": token.AccessToken != "", "type": token.TokenType})
	return nil
}

func (app *application) device(ctx context.Context) error {
	// x/oauth2 knows devices without a secret only.
	app.config.ClientID, app.config.ClientSecret = app.DeviceID, ""
	begun, err := app.config.DeviceAuth(ctx)
	if err != nil {
		return err
	}
	if _, err := app.browse(begun.VerificationURIComplete); err != nil {
		return err
	}
	token, err := app.config.DeviceAccessToken(ctx, begun)
	if err != nil {
		return err
	}
	app.ClientID = app.DeviceID
	if _, err := app.verify(ctx, token); err != nil {
		return err
	}
	say(map[string]any{"step": "device", "token": true})
	return nil
}
