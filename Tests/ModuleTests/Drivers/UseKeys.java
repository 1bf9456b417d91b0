import java.nio.file.*;
import java.security.*;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;

/**
 * UseKeys CONFIGURATION PIN: uses the keys of a token through SunPKCS11. Each line of its input is a job: the deed, the
 * key's id, the label of its certificate, the mechanism as pkcs11-tool names it, the file to read and the file to
 * write, with tabs between them. It ends with 0 if none failed.
 */
class UseKeys {
    public static void main(String[] arguments) throws Exception {
        Provider provider = Security.getProvider("SunPKCS11").configure(arguments[0]);
        KeyStore keys = KeyStore.getInstance("PKCS11", provider);
        keys.load(null, arguments[1].toCharArray());
        boolean failed = false;
        for (String line : new String(System.in.readAllBytes()).lines().toList()) {
            String[] job = line.split("\t");
            PrivateKey key = (PrivateKey) keys.getKey(job[2], null);
            byte[] input = Files.readAllBytes(Path.of(job[4]));
            try {
                byte[] output = switch (job[0]) {
                    case "sign" -> sign(provider, key, job[3], input);
                    case "decrypt" -> decrypt(provider, key, job[3], input);
                    case "unwrap" -> unwrap(provider, key, input);
                    default -> derive(provider, key, input);
                };
                Files.write(Path.of(job[5]), output);
            } catch (GeneralSecurityException | RuntimeException error) {
                System.err.println(line + ": " + error);
                failed = true;
            }
        }
        System.exit(failed ? 1 : 0);
    }

    /** SHA256-RSA-PKCS-PSS is SHA256withRSASSA-PSS in Java, ECDSA-SHA256 SHA256withECDSA, and ECDSA NONEwithECDSA. */
    static byte[] sign(Provider provider, PrivateKey key, String mechanism, byte[] data) throws GeneralSecurityException {
        String hash = mechanism.replaceAll("-?(RSA-PKCS-PSS|RSA-PKCS|ECDSA)-?", "");
        String scheme = mechanism.endsWith("PSS") ? "RSASSA-PSS" : mechanism.contains("RSA") ? "RSA" : "ECDSA";
        String algorithm = (hash.isEmpty() ? "NONE" : hash) + "with" + scheme;
        Signature signature = Signature.getInstance(algorithm, provider);
        signature.initSign(key);
        signature.update(data);
        return signature.sign();
    }

    static byte[] decrypt(Provider provider, PrivateKey key, String mechanism, byte[] data)
        throws GeneralSecurityException {
        String padding = mechanism.equals("RSA-PKCS") ? "PKCS1Padding" : "NoPadding";
        Cipher cipher = Cipher.getInstance("RSA/ECB/" + padding, provider);
        cipher.init(Cipher.DECRYPT_MODE, key);
        return cipher.doFinal(data);
    }

    /** The value of a wrapped key. */
    static byte[] unwrap(Provider provider, PrivateKey key, byte[] data) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding", provider);
        cipher.init(Cipher.UNWRAP_MODE, key);
        return cipher.unwrap(data, "Generic", Cipher.SECRET_KEY).getEncoded();
    }

    /** The other side's key is a SubjectPublicKeyInfo. */
    static byte[] derive(Provider provider, PrivateKey key, byte[] other) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", provider);
        agreement.init(key);
        agreement.doPhase(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(other)), true);
        return agreement.generateSecret();
    }
}
