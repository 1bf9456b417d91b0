import java.io.FileInputStream;
import java.net.URL;
import java.security.*;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;

/** GetPage CONFIGURATION PIN URL CERTIFICATE: gets a page by a key of the token, from a server with this certificate. */
class GetPage {
    public static void main(String[] arguments) throws Exception {
        char[] pin = arguments[1].toCharArray();
        Provider provider = Security.getProvider("SunPKCS11").configure(arguments[0]);
        Security.addProvider(provider);
        KeyStore keys = KeyStore.getInstance("PKCS11", provider);
        keys.load(null, pin);
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, pin);

        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (FileInputStream file = new FileInputStream(arguments[3])) {
            trusted.setCertificateEntry("server", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory others = TrustManagerFactory.getInstance("PKIX");
        others.init(trusted);

        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        HttpsURLConnection connection = (HttpsURLConnection) new URL(arguments[2]).openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        connection.getInputStream().transferTo(System.out);
        System.out.flush();
    }
}
